from __future__ import annotations

import pytest

pytestmark = pytest.mark.network

PLAIN = "processor : 0\nflags\t\t: fpu sse2 avx2 fma avx512f avx512_vnni\n"
ABLE = PLAIN.replace("avx512_vnni", "avx512_vnni avx512_bf16")


@pytest.mark.parametrize(
    ("gpus", "cpuinfo", "dtype", "reason"),
    [
        ([], PLAIN, "float32", "the CPU has no units"),
        ([], ABLE, "mixed_bfloat16", "avx512_bf16"),
        ([], PLAIN.replace("avx2", "amx_bf16"), "mixed_bfloat16", "amx_bf16"),
        ([], PLAIN.replace("avx2", "avx512_bf16x"), "float32", "the CPU has no units"),
        ([], "", "float32", "not known"),
        ([(8, 0)], PLAIN, "mixed_bfloat16", "the GPU has units"),
        ([(7, 5)], ABLE, "float32", "a GPU here has no units"),
        ([(9, 0), (7, 0)], ABLE, "float32", "a GPU here has no units"),
    ],
)
def test_bfloat16_is_taken_only_where_there_are_units_for_it(gpus, cpuinfo, dtype, reason):
    from sigforensics.gan.precision import decide

    found = decide(gpus, cpuinfo)
    assert found.dtype == dtype
    assert reason in found.reason


@pytest.mark.parametrize(("cpuinfo", "dtype"), [(PLAIN, "float32"), (ABLE, "mixed_bfloat16")])
def test_the_machine_is_looked_at_unless_the_user_has_chosen(tmp_path, monkeypatch, cpuinfo, dtype):
    from sigforensics.gan import precision

    (tmp_path / "cpuinfo").write_text(cpuinfo)
    monkeypatch.setattr(precision, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(precision.tf.config, "list_physical_devices", lambda _kind: [])
    assert precision.choose_arithmetic("auto").dtype == dtype
    for wanted in ("float32", "mixed_bfloat16"):
        assert precision.choose_arithmetic(wanted).dtype == wanted


def test_without_the_systems_word_it_is_float32(tmp_path, monkeypatch):
    from sigforensics.gan import precision

    monkeypatch.setattr(precision, "CPUINFO", tmp_path / "none")
    monkeypatch.setattr(precision.tf.config, "list_physical_devices", lambda _kind: [])
    assert precision.choose_arithmetic("auto").dtype == "float32"
