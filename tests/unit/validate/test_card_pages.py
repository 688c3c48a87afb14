from spectrolabe.validate.card_pages import describe_card, render_markdown

CARD = """# mlp of demo

Gives `teff` & more.

## Valid for

- spectra of <air>
- others

| label | lowest |
| --- | --- |
| teff | −1 |
| `logg` | 2 to 3 |
"""


def test_a_card_is_its_title_and_a_page(tmp_path):
    (tmp_path / "mlp.md").write_text(CARD, encoding="utf-8")
    card = describe_card(tmp_path / "mlp.md")
    assert card["title"] == "mlp of demo"
    assert card["page"].split("\n") == [
        "<p>Gives <code>teff</code> &amp; more.</p>",
        "<h3>Valid for</h3>",
        "<ul><li>spectra of &lt;air&gt;</li><li>others</li></ul>",
        '<div class="scroll" tabindex="0" role="group" aria-label="label"><table><thead><tr><th scope="col">label</th>'
        '<th scope="col">lowest</th></tr></thead><tbody><tr><th scope="row">teff</th><td>−1</td></tr>'
        '<tr><th scope="row"><code>logg</code></th><td>2 to 3</td></tr></tbody></table></div>',
    ]


def test_nothing_is_nothing():
    assert render_markdown([]) == ""
