"""False alarms come at the stated rate, though some of the spectra that they are set by are in trouble."""

import numpy as np
import pytest

from spectrolabe.spectra.false_alarms import Alarm, fit_alarm, fit_tail


def draw(count, seed, trouble=0.0):
    """Numbers that rise with S/N and have an exponential tail; of those in trouble, far larger ones."""
    rng = np.random.default_rng(seed)
    snr = np.exp(rng.uniform(np.log(30), np.log(200), count))
    values = np.log(snr) + 0.1 * np.sqrt(snr / 30) * rng.exponential(size=count)
    values[: int(trouble * count)] += rng.uniform(1.5, 6, int(trouble * count))
    return values, snr


@pytest.mark.parametrize("trouble", [0.0, 0.08])
def test_sound_spectra_are_called_at_the_stated_rate(trouble):
    alarm = fit_alarm(*draw(4000, 1, trouble))
    score = alarm.score(*draw(40_000, 2))
    assert (score >= -np.log10(0.02)).mean() == pytest.approx(0.02, rel=0.2)
    high = draw(40_000, 3)[1] > 100
    # Without the S/N, nearly all alarms would come from the well exposed.
    assert (score[high] >= -np.log10(0.02)).mean() < 0.03


def test_the_score_is_a_probability_read_off_by_hand():
    alarm = Alarm(np.log([10.0, 100.0]), np.array([1.0, 3.0]), np.array([1.0, 1.0]), start=0.5, share=0.4, rate=2.0)
    # Half way in log S/N the centre is 2, and 3.5 lies 1 above the start: 0.4 exp(-2).
    score = alarm.score(np.array([3.5, 2.0, np.nan]), np.full(3, np.sqrt(1000)))
    np.testing.assert_allclose(score[:2], [-np.log10(0.4 * np.exp(-2)), -np.log10(0.4)])
    assert np.isnan(score[2])
    # Below the lowest S/N nothing changes any more.
    assert alarm.score(np.array([2.5]), np.array([1.0])) == alarm.score(np.array([2.5]), np.array([10.0]))


def test_an_alarm_is_restored_to_the_last_bit():
    alarm = fit_alarm(*draw(500, 4))
    restored = Alarm.restore(alarm.arrays("x"), "x")
    np.testing.assert_array_equal(restored.score(*draw(100, 5)), alarm.score(*draw(100, 5)))


def test_few_spectra_set_no_rate():
    with pytest.raises(ValueError, match="expected 60 spectra or more to set false alarms by, found 59"):
        fit_alarm(*draw(59, 6))


def test_scores_are_counted_where_the_fitted_tail_errs():
    # Scores twice as high as they should be: half of a promised share of 10^-2 is one of 10^-1.
    scores = -2 * np.log10((np.arange(20_000) + 0.5) / 20_000)
    tail = fit_tail(scores, all_sound=True)
    np.testing.assert_allclose(tail.correct(np.array([2.0, 4.0])), [1, 2], atol=0.02)
    # Beyond one in a thousand, where nothing is counted, both rise alike.
    np.testing.assert_allclose(tail.correct(np.array([7.0])) - tail.correct(np.array([6.5])), 0.5)
    assert np.isnan(tail.correct(np.array([np.nan])))


def test_what_may_be_trouble_is_not_counted():
    scores = np.concatenate([np.full(90, 1.0), np.full(100, 2.0), np.full(10, 8.0)])
    assert fit_tail(scores, all_sound=True).scores.max() == 8
    assert fit_tail(scores, all_sound=False).scores.max() == 2
    with pytest.raises(ValueError, match="expected 60 spectra or more to set false alarms by, found 59"):
        fit_tail(np.append(np.ones(59), [4.0, np.nan]), all_sound=False)
