from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from processes import descendants, running

from app.sandbox import Ending, Job, LibraryMissing, Limits, Sandbox, SandboxError, Tensor, grants, launch

DOUBLE = "def f(a):\n    return a * 2\n"
SLOW = "import time\ndef f(s):\n    time.sleep(s)\n    return s\n"
QUICK = Limits(cpu_s=5.0, wall_s=20.0)


def parent_of(sandbox: Sandbox) -> int:
    pool = sandbox._pools["numpy"]
    assert pool.parent is not None
    return pool.parent.pid


def warm_python(sandbox: Sandbox) -> int:
    """The process that forks: below bubblewrap, or the very process the app started."""
    pool = sandbox._pools["numpy"]
    assert pool.entrance is not None
    return descendants(parent_of(sandbox))[0] if pool.entrance.bubblewrap else parent_of(sandbox)


def test_each_call_is_heard_once_and_in_order(sandbox):
    heard = []
    run = sandbox.run(Job(DOUBLE, "f", [(1,), (2,), (3,)]), on_call=lambda i, c: heard.append((i, c.value)))
    assert heard == [(0, 2), (1, 4), (2, 6)]
    assert [c.value for c in run.calls] == [2, 4, 6]


def test_cost_is_measured_from_outside(sandbox):
    source = "def f():\n    x = b'x' * (64 << 20)\n    return sum(range(3_000_000))\n"
    call = sandbox.run(Job(source, "f", [()], limits=QUICK)).calls[0]
    assert call.cpu_ms > 5
    assert call.wall_ms >= call.cpu_ms * 0.5
    assert 60 < call.peak_mib < 100


def test_cancelling_stops_the_job_and_the_rest_is_not_run(sandbox):
    stop = threading.Event()
    job = Job(SLOW, "f", [(0.0,), (30.0,), (0.0,)], limits=Limits(wall_s=60.0))
    run = sandbox.run(job, on_call=lambda i, c: stop.set(), cancelled=stop.is_set)
    assert [c.ending for c in run.calls] == [Ending.RETURNED, Ending.NOT_RUN, Ending.NOT_RUN]


def test_job_cancelled_before_it_starts_is_not_run(sandbox):
    assert sandbox.run(Job(DOUBLE, "f", [(1,)]), cancelled=lambda: True).load is Ending.NOT_RUN


def test_threads_share_a_sandbox(sandbox):
    def one(n: int) -> object:
        return sandbox.run(Job(DOUBLE, "f", [(n,)], limits=QUICK)).calls[0].value

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(one, range(24))) == [2 * n for n in range(24)]


def test_no_submission_sees_what_another_left(sandbox):
    leave = (
        "import numpy as np, builtins, sys\nbuiltins.left = np.left = 1\nsys.modules['left'] = 1\n"
        "def f():\n    return 1\n"
    )
    look = (
        "import numpy as np, builtins, sys\n"
        "def f():\n    return [hasattr(builtins, 'left'), hasattr(np, 'left'), 'left' in sys.modules]\n"
    )
    assert sandbox.run(Job(leave, "f", [()])).calls[0].value == 1
    assert sandbox.run(Job(look, "f", [()])).calls[0].value == [False, False, False]


def test_library_that_is_not_installed_is_refused_by_name(sandbox, monkeypatch):
    monkeypatch.setattr(grants, "installed", lambda library: library != "torch")
    assert not sandbox.available("torch")
    with pytest.raises(LibraryMissing, match="torch is not installed here"):
        sandbox.run(Job(DOUBLE, "f", [(1,)], lib="torch"))


def test_torch_job_runs_or_is_refused_by_name(sandbox):
    job = Job(
        "import torch\ndef f(a):\n    w = torch.ones(3, 2, requires_grad=True)\n    (a @ w).sum().backward()\n"
        "    return torch.nn.functional.conv2d(a[None, None], torch.ones(1, 1, 2, 2)), w.grad, type(a).__name__\n",
        "f",
        [(Tensor(np.ones((2, 3), np.float32)),)],
        lib="torch",
        limits=QUICK,
    )
    if not sandbox.available("torch"):
        with pytest.raises(LibraryMissing):
            sandbox.run(job)
        return
    conv, gradient, kind = sandbox.run(job).calls[0].value
    assert kind == "Tensor"
    assert np.array_equal(conv.array, np.full((1, 1, 1, 2), 4, np.float32))
    assert np.array_equal(gradient.array, np.full((3, 2), 2, np.float32))


def test_torch_cannot_be_imported_by_a_numpy_job(sandbox):
    run = sandbox.run(Job("import torch\n", "f", [()]))
    assert run.load_failure is not None
    assert run.load_failure.type == "ModuleNotFoundError"


def test_killed_parent_is_replaced_and_the_running_job_tried_again():
    with Sandbox() as sandbox:
        sandbox.run(Job(DOUBLE, "f", [(1,)]))
        first = parent_of(sandbox)
        heard = []

        def listen(index: int, call: object) -> None:
            heard.append(index)
            if heard == [0]:
                os.kill(first, signal.SIGKILL)

        run = sandbox.run(Job(SLOW, "f", [(0.0,), (0.5,)], limits=QUICK), on_call=listen)
        assert [c.ending for c in run.calls] == [Ending.RETURNED, Ending.RETURNED]
        assert heard == [0, 1]
        assert parent_of(sandbox) != first


def test_stopped_parent_is_replaced(monkeypatch):
    monkeypatch.setattr("app.sandbox.warm_parent._FORK_TIMEOUT_S", 0.5)
    with Sandbox() as sandbox:
        sandbox.run(Job(DOUBLE, "f", [(1,)]))
        time.sleep(0.2)
        os.kill(warm_python(sandbox), signal.SIGSTOP)
        for _ in range(3):
            assert sandbox.run(Job(DOUBLE, "f", [(4,)])).calls[0].value == 8


def test_killed_spare_is_not_handed_out():
    with Sandbox() as sandbox:
        sandbox.run(Job(DOUBLE, "f", [(1,)]))
        time.sleep(0.2)
        for child in descendants(warm_python(sandbox)):
            os.kill(child, signal.SIGKILL)
        assert sandbox.run(Job(DOUBLE, "f", [(2,)])).calls[0].value == 4


def test_closing_leaves_no_process_behind_and_refuses_jobs():
    sandbox = Sandbox()
    sandbox.run(Job(DOUBLE, "f", [(1,)]))
    family = [parent_of(sandbox), *descendants(parent_of(sandbox))]
    sandbox.close()
    deadline = time.monotonic() + 5
    while any(map(running, family)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(running, family))
    with pytest.raises(SandboxError, match="closed"):
        sandbox.run(Job(DOUBLE, "f", [(1,)]))


def test_descriptors_and_processes_stay_flat_over_many_jobs():
    with Sandbox() as sandbox:
        for _ in range(3):
            sandbox.run(Job(DOUBLE, "f", [(1,)]))
        time.sleep(0.2)
        before = len(list(Path("/proc/self/fd").iterdir())), len(descendants(parent_of(sandbox)))
        for n in range(60):
            sandbox.run(Job("import os\ndef f():\n    os._exit(0)\n" if n % 3 else DOUBLE, "f", [(1,)]))
        time.sleep(0.3)
        assert (len(list(Path("/proc/self/fd").iterdir())), len(descendants(parent_of(sandbox)))) == before


def test_nothing_is_run_when_no_way_in_works(monkeypatch):
    monkeypatch.setattr(launch, "_BOOT", "raise SystemExit('no walls today')")
    with Sandbox() as sandbox, pytest.raises(SandboxError, match=r"cannot be run safely.*no walls today"):
        sandbox.run(Job(DOUBLE, "f", [(1,)]))


@pytest.mark.parametrize(
    ("removed", "noticed"),
    [
        ("self._allow_list.install()", "open a network socket"),
        ("landlock.restrict(self._ruleset)", "read what was not granted"),
        ("limits.standing()", "do without a file limit"),
    ],
)
def test_self_test_notices_a_missing_wall(monkeypatch, tmp_path, removed, noticed):
    cell = Path(grants.own_code().source)
    copy = tmp_path / "cell"
    copy.mkdir()
    tmp_path.chmod(0o755)
    for file in cell.glob("*.py"):
        text = file.read_text()
        if file.name == "parent.py":
            assert removed in text
            text = text.replace(removed, "pass")
        (copy / file.name).write_text(text)
    grant = grants.Grant(str(copy), grants.own_code().shown)
    monkeypatch.setattr(grants, "own_code", lambda: grant)
    with Sandbox() as sandbox, pytest.raises(SandboxError, match=noticed):
        sandbox.run(Job(DOUBLE, "f", [(1,)]))


def test_server_with_limits_of_its_own_still_serves():
    """As under `ulimit -v` or a service manager: a hard limit can't be raised, only be kept."""
    inside = (
        "import resource as r\n"
        "for name, value in ((r.RLIMIT_AS, 4 << 30), (r.RLIMIT_CPU, 300), (r.RLIMIT_NOFILE, 256)):\n"
        "    r.setrlimit(name, (value, value))\n"
        "from app.sandbox import Job, Sandbox\n"
        "with Sandbox() as sandbox:\n"
        "    print(sandbox.run(Job('def f():\\n    return 1\\n', 'f', [()])).calls[0].value)\n"
    )
    done = subprocess.run([sys.executable, "-c", inside], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr


def test_warming_up_starts_the_parent_before_the_first_job():
    with Sandbox(libs=()) as sandbox:
        sandbox.warm_up("numpy")
        (pool,) = sandbox._pools.values()
        deadline = time.monotonic() + 60
        while pool.parent is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        started = pool.parent
        assert sandbox.run(Job("def f():\n    return 1\n", "f", [()])).calls[0].value == 1
        assert pool.parent is started
