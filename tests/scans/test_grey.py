from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from sigforensics.errors import NotAnImage
from sigforensics.scans import read_scan

RNG = np.random.default_rng(11)
DEEP = RNG.integers(0, 65536, (24, 31, 4)).astype(np.uint16)
COLOURS = RNG.integers(0, 256, (24, 31, 3)).astype(np.uint8)
OVER_WHITE = "transparent pixels laid over white paper"


def saved(image, kind, **options):
    stream = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(stream, kind, **options)
    return stream.getvalue()


def tiff(values, **options):
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def luma(colours):
    return colours.astype(np.float64)[..., :3] @ [0.299, 0.587, 0.114]


def big_endian(values):
    return values.astype(">u2").tobytes()


def test_grey_png_keeps_its_values_exactly(write, drawing):
    scan = read_scan(write("a.png", saved(drawing, "PNG")))
    assert scan.pixels.dtype == np.float32
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)
    np.testing.assert_array_equal(scan.pixels, drawing.astype(np.float32) / np.float32(255))
    assert (scan.mode, scan.bits, scan.format, scan.notes) == ("L", 8, "PNG", ())


def test_a_palette_that_is_a_grey_ramp_gives_the_grey_values(write, drawing):
    image = Image.fromarray(255 - drawing)
    image.putpalette([value for grey in range(255, -1, -1) for value in (grey,) * 3])
    assert image.mode == "P"
    scan = read_scan(write("a.png", saved(image, "PNG")))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)
    assert scan.mode == "P"


def test_a_colour_palette_is_reduced_to_luma(write):
    indices = np.random.default_rng(12).integers(0, 256, (24, 31)).astype(np.uint8)
    palette = np.random.default_rng(12).integers(0, 256, (256, 3)).astype(np.uint8)
    image = Image.fromarray(indices)
    image.putpalette(palette.tobytes())
    scan = read_scan(write("a.png", saved(image, "PNG")))
    assert np.abs(scan.pixels * 255 - luma(palette[indices])).max() <= 0.51


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_colour_is_reduced_to_luma(write, kind):
    scan = read_scan(write("a", saved(COLOURS, kind)))
    assert np.abs(scan.pixels * 255 - luma(COLOURS)).max() <= 0.51


def test_a_full_alpha_changes_nothing_and_is_no_news(write, drawing):
    opaque = np.dstack([drawing] * 3 + [np.full_like(drawing, 255)])
    scan = read_scan(write("a.png", saved(opaque, "PNG")))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)
    assert (scan.mode, scan.notes) == ("RGBA", ())


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_transparent_colour_lies_over_white_paper(write, kind):
    alpha = np.random.default_rng(12).integers(0, 256, (24, 31)).astype(np.uint8)
    scan = read_scan(write("a", saved(np.dstack([COLOURS, alpha]), kind)))
    share = alpha / 255
    expected = share * luma(COLOURS) + (1 - share) * 255
    assert np.abs(scan.pixels * 255 - expected).max() <= 1.01  # Pillow rounds the blend, then the luma
    assert scan.notes == (OVER_WHITE,)


def test_transparent_grey_lies_over_white_paper(write, drawing):
    alpha = np.full_like(drawing, 255)
    alpha[:20] = 0
    scan = read_scan(write("a.png", saved(np.dstack([drawing, alpha]), "PNG")))
    assert scan.mode == "LA"
    assert (scan.pixels[:20] == 1).all()
    np.testing.assert_array_equal(np.rint(scan.pixels[20:] * 255), drawing[20:])
    assert scan.notes == (OVER_WHITE,)


def test_one_transparent_grey_value_lies_over_white_paper(write, png, drawing):
    data = png(72, 40, rows=drawing.tobytes(), before={b"tRNS": b"\0\x1e"})
    scan = read_scan(write("a.png", data))
    expected = np.where(drawing == 30, 255, drawing)
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), expected)


def test_a_transparent_palette_entry_lies_over_white_paper(write, drawing):
    image = Image.fromarray(drawing)
    image.putpalette([value for grey in range(256) for value in (grey,) * 3])
    scan = read_scan(write("a.png", saved(image, "PNG", transparency=30)))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), np.where(drawing == 30, 255, drawing))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_one_bit_images_become_zero_and_one(write, drawing, kind):
    scan = read_scan(write("a", saved(Image.fromarray(drawing > 128), kind)))
    np.testing.assert_array_equal(scan.pixels, drawing > 128)
    assert (scan.mode, scan.bits) == ("1", 1)


@pytest.mark.parametrize("depth", [2, 4])
def test_few_grey_levels_span_the_whole_range(write, png, depth):
    levels = np.arange(16 * 16).reshape(16, 16) % 2**depth
    packed = np.zeros((16, 16 * depth // 8), np.uint8)
    for column in range(16):
        place, shift = divmod(column * depth, 8)
        packed[:, place] |= (levels[:, column] << (8 - depth - shift)).astype(np.uint8)
    scan = read_scan(write("a.png", png(16, 16, depth=depth, rows=packed.tobytes())))
    np.testing.assert_allclose(scan.pixels, levels / (2**depth - 1), atol=1e-6)
    assert scan.bits == depth


@pytest.mark.parametrize("kind", ["PNG", "little-endian TIFF", "big-endian TIFF", "compressed TIFF"])
def test_16_bit_grey_is_exact(write, png, kind):
    grey = DEEP[..., 0]
    data = {
        "PNG": lambda: png(31, 24, depth=16, rows=big_endian(grey)),
        "little-endian TIFF": lambda: tiff(grey, byteorder="<"),
        "big-endian TIFF": lambda: tiff(grey, byteorder=">"),
        "compressed TIFF": lambda: tiff(grey, compression="zlib"),
    }[kind]()
    scan = read_scan(write("a", data))
    np.testing.assert_array_equal(scan.pixels, grey.astype(np.float32) / np.float32(65535))
    assert scan.bits == 16
    assert len(np.unique(scan.pixels)) > 256


def test_16_bit_grey_with_white_as_zero_is_turned_over(write):
    scan = read_scan(write("a.tif", tiff(DEEP[..., 0], photometric="miniswhite", byteorder="<")))
    np.testing.assert_allclose(scan.pixels, 1 - DEEP[..., 0] / 65535, atol=1e-6)


def test_8_bit_grey_with_white_as_zero_is_turned_over(write, drawing):
    scan = read_scan(write("a.tif", tiff(drawing, photometric="miniswhite")))
    np.testing.assert_allclose(scan.pixels, 1 - drawing / 255, atol=1e-6)


def test_12_bit_grey_spans_the_whole_range(write):
    grey = np.random.default_rng(12).integers(0, 4096, (24, 32))
    grey[0, :2] = 0, 4095
    pairs = grey.reshape(24, 16, 2)
    packed = np.stack(
        [pairs[..., 0] >> 4, (pairs[..., 0] & 15) << 4 | pairs[..., 1] >> 8, pairs[..., 1] & 255], axis=-1
    )
    data = bytearray(tiff(packed.reshape(24, 48).astype(np.uint8)))
    tags = tifffile.TiffFile(io.BytesIO(bytes(data))).pages[0].tags
    for name, value in (("ImageWidth", 32), ("BitsPerSample", 12)):
        place = tags[name].offset + 8
        data[place : place + 2] = value.to_bytes(2, "little")
    scan = read_scan(write("a.tif", bytes(data)))
    np.testing.assert_allclose(scan.pixels, grey / 4095, atol=1e-6)
    assert scan.bits == 12


def test_one_transparent_16_bit_value_lies_over_white_paper(write, png):
    grey = DEEP[..., 0].copy()
    grey[3, 5] = 777
    scan = read_scan(
        write("a.png", png(31, 24, depth=16, rows=big_endian(grey), before={b"tRNS": b"\x03\x09"}))
    )
    expected = grey / 65535
    expected[grey == 777] = 1
    np.testing.assert_allclose(scan.pixels, expected, atol=1e-6)
    assert scan.notes == (OVER_WHITE,)


@pytest.mark.parametrize("kind", ["PNG", "little-endian", "big-endian", "compressed", "tiled", "second page"])
def test_16_bit_colour_is_not_cut_to_8_bits(write, png, kind):
    colours = DEEP[..., :3]
    data = {
        "PNG": lambda: png(31, 24, depth=16, colour=2, rows=big_endian(colours)),
        "little-endian": lambda: tiff(colours, photometric="rgb", byteorder="<"),
        "big-endian": lambda: tiff(colours, photometric="rgb", byteorder=">"),
        "compressed": lambda: tiff(colours, photometric="rgb", compression="zlib"),
        "tiled": lambda: tiff(colours, photometric="rgb", tile=(16, 16)),
        "second page": lambda: tiff(np.stack([colours[::-1], colours]), photometric="rgb"),
    }[kind]()
    scan = read_scan(write("a", data), page=2 if kind == "second page" else 1)
    np.testing.assert_allclose(scan.pixels, luma(colours) / 65535, atol=1e-6)
    assert (scan.bits, scan.notes) == (16, ("16-bit colour reduced to luma",))


@pytest.mark.parametrize("kind", ["PNG", "grey PNG", "unassociated TIFF", "associated TIFF"])
def test_16_bit_transparency_lies_over_white_paper(write, png, kind):
    share = DEEP[..., 3] / 65535
    if kind == "associated TIFF":
        colours = (DEEP[..., :3] * share[..., None]).astype(np.uint16)
        expected = luma(colours) / 65535 + 1 - share
        data = tiff(np.dstack([colours, DEEP[..., 3]]), photometric="rgb", extrasamples=["assocalpha"])
    elif kind == "grey PNG":
        expected = share * DEEP[..., 0] / 65535 + 1 - share
        data = png(31, 24, depth=16, colour=4, rows=big_endian(DEEP[..., [0, 3]]))
    else:
        expected = share * luma(DEEP) / 65535 + 1 - share
        data = png(31, 24, depth=16, colour=6, rows=big_endian(DEEP))
        if kind != "PNG":
            data = tiff(DEEP, photometric="rgb", extrasamples=["unassalpha"])
    scan = read_scan(write("a", data))
    np.testing.assert_allclose(scan.pixels, expected, atol=2e-6)
    assert scan.notes[-1] == OVER_WHITE


def test_a_fourth_16_bit_channel_without_a_meaning_is_left_out(write):
    scan = read_scan(write("a.tif", tiff(DEEP, photometric="rgb", extrasamples=["unspecified"])))
    np.testing.assert_allclose(scan.pixels, luma(DEEP) / 65535, atol=1e-6)


def test_width_1600_does_not_make_colour_deep(write):
    wide = (
        np.random.default_rng(12).integers(0, 256, (16, 1616, 3)).astype(np.uint8)
    )  # "16" among the figures of Pillow's tiles
    for compression in (None, "zlib"):
        scan = read_scan(
            write("a.tif", tiff(wide, photometric="rgb", compression=compression, tile=(16, 1600)))
        )
        assert scan.bits == 8
        assert np.abs(scan.pixels * 255 - luma(wide)).max() <= 0.51


def test_planes_of_8_bits_are_put_together(write):
    data = tiff(np.ascontiguousarray(COLOURS.transpose(2, 0, 1)), photometric="rgb", planarconfig="separate")
    scan = read_scan(write("a.tif", data))
    assert np.abs(scan.pixels * 255 - luma(COLOURS)).max() <= 0.51


def test_jpeg_differs_by_its_loss_only(write, drawing):
    smooth = np.linspace(40, 250, 64 * 64).reshape(64, 64).astype(np.uint8)
    grey = read_scan(write("a.jpg", saved(smooth, "JPEG", quality=95)))
    assert grey.format == "JPEG"
    assert np.abs(grey.pixels * 255 - smooth).max() <= 3
    colours = np.dstack([smooth, smooth[::-1], np.full_like(smooth, 90)])
    colour = read_scan(write("b.jpg", saved(colours, "JPEG", quality=95, subsampling=0)))
    assert np.abs(colour.pixels * 255 - luma(colours)).max() <= 4


def test_cmyk_jpeg_has_white_paper_and_dark_ink(write):
    inks = np.zeros((32, 32, 4), np.uint8)  # no ink at all
    inks[8:24, 8:24, 3] = 255  # black
    scan = read_scan(
        write("a.jpg", saved(Image.frombytes("CMYK", (32, 32), inks.tobytes()), "JPEG", quality=95))
    )
    assert scan.mode == "CMYK"
    assert scan.pixels[:4].min() > 0.97
    assert scan.pixels[12:20, 12:20].max() < 0.03
    assert scan.notes == ("CMYK converted to RGB",)


def test_cutting_16_bit_cmyk_to_8_bits_is_said(write):
    inks = np.zeros((24, 31, 4), np.uint16)
    scan = read_scan(write("a.tif", tiff(inks, photometric="separated")))
    assert (scan.pixels == 1).all()
    assert scan.notes == ("CMYK converted to RGB, and 16 bits cut to 8",)


@pytest.mark.parametrize(
    ("values", "options", "what"),
    [
        (DEEP[..., 0].astype(np.float32), {}, "floating-point values of unknown range"),
        (DEEP[..., 0].astype(np.float64), {}, "a pixel layout or compression that is not read"),
        (DEEP[..., 0].astype(np.uint32), {}, "32-bit or signed integers of unknown range"),
        (DEEP[..., 0].astype(np.int32), {}, "32-bit or signed integers of unknown range"),
        (DEEP[..., 0].astype(np.int16), {}, "32-bit or signed integers of unknown range"),
        (COLOURS, {"photometric": "cielab"}, "the pixel layout LAB, which is not read"),
        (
            np.ascontiguousarray(DEEP[..., :3].transpose(2, 0, 1)),
            {"photometric": "rgb", "planarconfig": "separate"},
            "separate planes",
        ),
    ],
)
def test_values_that_would_be_read_wrongly_are_refused(write, values, options, what):
    path = write("a.tif", tiff(values, **options))
    with pytest.raises(NotAnImage, match=what) as caught:
        read_scan(path)
    assert caught.value.where == str(path)
    assert "save it" in caught.value.advice
