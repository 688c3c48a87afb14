"""A SLURM of one node on this machine, for tests: no systemd, no control groups, no accounting, nothing left behind."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import psutil

# SLURM's programs take no other place for granted: what runs inside a job is given no SLURM_CONF.
CONFIGURATION = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol")
SIGN = "# Written by a test of Spectrolabe."
PATIENCE = 60  # seconds until the node must be ready
TEMPLATE = """\
{sign}
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
# A job that takes more memory than it has asked for is killed.
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
# A node that has been away may work again, and is missed soon.
ReturnToService=2
SlurmdTimeout=10
BatchStartTimeout=10
KillWait=5
# squeue knows of jobs that have ended for a day.
MinJobAge=86400
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """Say why no SLURM can be brought up here; None where it can."""
    if os.geteuid() != 0:
        return "SLURM's daemons need root"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return f"no {', '.join(missing)} (`apt-get install --no-install-recommends slurm-wlm munge` on Debian)"
    if CONFIGURATION.exists() and SIGN not in CONFIGURATION.read_text(encoding="utf-8"):
        return f"this machine has a SLURM of its own ({CONFIGURATION})"
    return None


class SlurmNode:
    """A controller and a node with this machine's cores and memory, as a context.

    Parameters
    ----------
    folder : an empty folder for configuration, state and logs; its path is shorter than 90 characters, as those of
        sockets must be.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.daemons: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "SlurmNode":
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
        ports = find_ports(2)
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.unlink(missing_ok=True)
        CONFIGURATION.write_text(
            TEMPLATE.format(
                sign=SIGN,
                host=socket.gethostname().split(".")[0],
                controller=ports[0],
                node=ports[1],
                folder=self.folder,
                # A test's jobs are small: they need not wait for each other on a small machine.
                cores=max(os.cpu_count(), 2),
                memory=psutil.virtual_memory().total // 2**20,
            ),
            encoding="utf-8",
        )
        try:
            self._start_munge(key)
            self._start("slurmctld", "-D")
            self.come_back()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.vanish()
        for daemon in reversed(self.daemons.values()):
            daemon.kill()
            daemon.wait()
        CONFIGURATION.unlink(missing_ok=True)

    def vanish(self) -> None:
        """Kill the node's daemon and all that it has started, as a power failure would."""
        for step in [step for step in psutil.process_iter(["name"]) if step.info["name"] == "slurmstepd"]:
            kill_tree(step)
        daemon = self.daemons.pop("slurmd", None)
        if daemon:
            daemon.kill()
            daemon.wait()

    def come_back(self) -> None:
        """Start the node's daemon and wait until jobs can run on it."""
        self._start("slurmd", "-D")
        self.wait_for("idle", "mixed", "allocated")

    def wait_for(self, *states: str) -> None:
        """Wait until the node is in one of these states."""
        started = time.monotonic()
        while (state := ask("sinfo", "--noheader", "--format=%T")) not in states:
            if time.monotonic() - started > PATIENCE:
                raise TimeoutError(f"the node is '{state}' after {PATIENCE} s: see {self.folder}/*.log")
            time.sleep(0.2)

    def _start_munge(self, key: Path) -> None:
        files = {"socket": "munge.socket", "pid-file": "munge.pid", "log-file": "munge.log", "seed-file": "munge.seed"}
        options = [f"--{option}={self.folder / name}" for option, name in files.items()]
        self._start("munged", "--foreground", "--force", f"--key-file={key}", *options)
        started = time.monotonic()
        while not (self.folder / "munge.socket").exists():
            if time.monotonic() - started > PATIENCE:
                raise TimeoutError(f"munged does not answer: see {self.folder}/munged.out")
            time.sleep(0.1)

    def _start(self, program: str, *options: str) -> None:
        with open(self.folder / f"{program}.out", "ab") as output:
            self.daemons[program] = subprocess.Popen(
                [shutil.which(program), *options], stdout=output, stderr=output, start_new_session=True
            )


def ask(*command: str) -> str:
    """What one of SLURM's commands prints; nothing where the controller does not answer yet."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def find_ports(count: int) -> list[int]:
    """Ports that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [open_socket.getsockname()[1] for open_socket in sockets]
    for open_socket in sockets:
        open_socket.close()
    return ports


def kill_tree(process: psutil.Process) -> None:
    for each in [*process.children(recursive=True), process]:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
