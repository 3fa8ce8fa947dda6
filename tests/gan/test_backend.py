from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.network


def test_importing_and_using_it_prints_nothing():
    program = (
        "from sigforensics.gan.backend import keras, tf\n"
        "assert keras.backend.backend() == 'tensorflow'\n"
        "assert float(tf.reduce_sum(tf.ones(3))) == 3\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=clean, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="oneDNN is for x86 here")
@pytest.mark.parametrize(("said", "expected"), [({}, "True"), ({"TF_ENABLE_ONEDNN_OPTS": "0"}, "False")])
def test_convolutions_are_onednns_unless_the_user_says_otherwise(said, expected):
    program = (
        "from sigforensics.gan.backend import tf\n"
        "from tensorflow.python.util import _pywrap_util_port\n"
        "print(_pywrap_util_port.IsMklEnabled())\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=clean | said, check=True
    )
    assert done.stdout == f"{expected}\n"


def test_what_native_code_writes_is_held_back(capfd):
    from sigforensics.gan.backend import standard_error_held_back

    with standard_error_held_back():
        os.write(2, b"native chatter\n")
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_what_was_held_back_is_shown_if_the_block_fails(capfd):
    from sigforensics.gan.backend import standard_error_held_back

    @standard_error_held_back()
    def fail():
        os.write(2, b"what native code said of it\n")
        raise RuntimeError("the matter itself")

    with pytest.raises(RuntimeError, match="the matter itself"):
        fail()
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "what native code said of it\nafterwards\n"


def test_a_closed_standard_error_is_no_trouble():
    program = (
        "import os; os.close(2)\n"
        "from sigforensics.gan.backend import standard_error_held_back\n"
        "with standard_error_held_back(): pass\n"
        "print('done')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n")
