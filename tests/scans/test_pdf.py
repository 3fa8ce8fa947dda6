from __future__ import annotations

import gc
import io
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileTruncated, ImageTooLarge, PageMissing, PdfEncrypted
from sigforensics.scans import Extent, read_extent, read_scan, read_scans, read_values
from sigforensics.settings import Scanning

WHOLE = b"q 144 0 0 72 0 0 cm /I Do Q"
AS_STORED = "the page's one scanned image, at its own resolution"
RENDERED = "rendered at 300 dpi: the page "
SEVERAL = f"{RENDERED}is more than one scanned image"
FONT = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"


def image_keys(values, more=b""):
    height, width = values.shape[:2]
    space = b"/DeviceGray" if values.ndim == 2 else b"/DeviceRGB"
    keys = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 %s"
    return keys % (width, height, space, more)


@pytest.fixture
def scanned(pdf, drawing):
    """A page of 144 x 72 points with the drawing (72 x 40 pixels) as its only image; parts can be replaced."""

    def assemble(content=WHOLE, *, keys=b"", stream=None, resources=b"", media=b"[0 0 144 72]", objects=None):
        stream = stream or (image_keys(drawing, b"/Filter /FlateDecode"), zlib.compress(drawing.tobytes()))
        page = {
            "content": content,
            "keys": b"/MediaBox %s %s" % (media, keys),
            "resources": b"/XObject << /I 100 0 R >> %s" % resources,
        }
        return pdf([page], {100: stream, **(objects or {})})

    return assemble


def test_a_scan_is_taken_as_embedded(write, scanned, drawing):
    scan = read_scan(write("a.pdf", scanned()))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)
    assert scan.dpi == pytest.approx((36, 40))
    assert (scan.format, scan.mode, scan.bits, scan.page, scan.pages) == ("PDF", "L", 8, 1, 1)
    assert scan.notes == (AS_STORED,)


def test_a_scan_in_one_bit_is_taken_as_embedded(write, scanned, drawing):
    bits = np.packbits(drawing > 128, axis=1).tobytes()
    keys = b"/Subtype /Image /Width 72 /Height 40 /ColorSpace /DeviceGray /BitsPerComponent 1"
    scan = read_scan(write("a.pdf", scanned(stream=(keys, bits))))
    np.testing.assert_array_equal(scan.pixels, drawing > 128)
    assert scan.bits == 1


def test_a_scan_as_jpeg_is_decoded_once(write, scanned):
    smooth = np.linspace(40, 250, 72 * 40).reshape(40, 72).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(smooth).save(stream, "JPEG", quality=90)
    decoded = np.asarray(Image.open(stream))
    path = write("a.pdf", scanned(stream=(image_keys(smooth, b"/Filter /DCTDecode"), stream.getvalue())))
    np.testing.assert_array_equal(np.rint(read_scan(path).pixels * 255), decoded)


@pytest.mark.parametrize("filters", [b"/DCTDecode", b"[/FlateDecode /DCTDecode]"])
def test_the_quantisation_tables_of_a_scan_as_jpeg_are_kept(write, scanned, drawing, filters):
    jpeg = write("a.jpg", b"")
    Image.fromarray(drawing).save(jpeg, quality=30)
    data = zlib.compress(jpeg.read_bytes()) if b"Flate" in filters else jpeg.read_bytes()
    stream = image_keys(drawing, b"/Filter " + filters), data
    tables = read_scan(write("a.pdf", scanned(stream=stream))).jpeg_tables
    assert tables == read_scan(jpeg).jpeg_tables != ()
    assert read_scan(write("b.pdf", scanned())).jpeg_tables == ()


def test_a_scan_in_colour_is_reduced_to_luma(write, scanned):
    colours = np.random.default_rng(0).integers(0, 256, (40, 72, 3)).astype(np.uint8)
    scan = read_scan(write("a.pdf", scanned(stream=(image_keys(colours), colours.tobytes()))))
    assert np.abs(scan.pixels * 255 - colours @ [0.299, 0.587, 0.114]).max() <= 0.51
    assert scan.notes == (AS_STORED,)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_scan_on_a_rotated_page_is_turned_without_resampling(write, scanned, drawing, turn):
    scan = read_scan(write("a.pdf", scanned(keys=b"/Rotate %d" % turn)))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), np.rot90(drawing, -turn // 90))
    assert scan.dpi == pytest.approx((40, 36) if turn % 180 else (36, 40))
    assert scan.notes == (AS_STORED,)
    assert read_extent(scan.source.path) == Extent(scan.pixels.shape, scan.dpi)


def test_invisible_text_does_not_count(write, scanned, drawing):
    text = b" BT 3 Tr /F 10 Tf 10 10 Td (found by OCR) Tj ET"
    scan = read_scan(write("a.pdf", scanned(WHOLE + text, resources=FONT)))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)


@pytest.mark.parametrize("media", [b"[0 0 144.3 72.2]", b"[-0.4 -0.2 144 72]"])
def test_a_scan_may_fall_short_of_its_page_by_a_little(write, scanned, drawing, media):
    scan = read_scan(write("a.pdf", scanned(media=media)))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)
    assert scan.dpi == pytest.approx((36, 40))


def test_what_is_drawn_over_a_scan_is_seen(write, scanned):
    scan = read_scan(write("a.pdf", scanned(WHOLE + b" 0 g 90 6 48 6 re f")))
    assert scan.notes == (SEVERAL,)
    assert scan.dpi == (300, 300)
    assert scan.pixels.shape == (300, 600)
    assert scan.pixels[253:272, 380:570].max() == 0  # 6 to 12 points from the foot, 90 to 138 from the left
    assert scan.pixels[280:, 380:570].min() > 0.85


def test_an_annotation_on_a_scan_is_seen(write, scanned):
    annotation = b"/Annots [<< /Type /Annot /Subtype /Stamp /F 4 /Rect [90 6 138 12] /AP << /N 101 0 R >> >>]"
    form = (b"/Type /XObject /Subtype /Form /BBox [0 0 48 6]", b"0 g 0 0 48 6 re f")
    scan = read_scan(write("a.pdf", scanned(keys=annotation, objects={101: form})))
    assert scan.notes == (f"{RENDERED}has annotations or form fields",)
    assert scan.pixels[255:270, 380:570].max() < 0.05


def test_vectors_are_rendered_at_the_resolution_asked_for(write, pdf):
    path = write("a.pdf", pdf([{"content": b"0 g 36 18 72 36 re f"}]))
    for dpi in (100, 300):
        scan = read_scan(path, settings=Scanning(pdf_dpi=dpi))
        height, width = scan.pixels.shape
        assert (width, height) == (2 * dpi, dpi)
        assert scan.dpi == (dpi, dpi)
        inside = np.zeros((height, width), bool)
        inside[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = True
        np.testing.assert_array_equal(scan.pixels < 0.5, inside)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_rendered_page_is_turned_upright(write, pdf, turn):
    keys = b"/MediaBox [0 0 144 72] /Rotate %d" % turn
    scan = read_scan(write("a.pdf", pdf([{"content": b"0 g 0 36 36 36 re f", "keys": keys}])))
    unturned = np.ones((300, 600))
    unturned[:150, :150] = 0  # the upper left corner
    np.testing.assert_array_equal(scan.pixels > 0.5, np.rot90(unturned, -turn // 90))


@pytest.mark.parametrize(
    ("shown", "part"),
    [
        (b"[0 0 72 72]", np.s_[:, :36]),
        (b"[36 18 144 72]", np.s_[:30, 18:]),
        (b"[-10 0 144 36]", np.s_[20:, :]),  # cut to the page, as PDF has it
    ],
)
def test_a_page_that_shows_a_part_of_its_image_has_the_pixels_of_that_part(
    write, scanned, drawing, shown, part
):
    path = write("a.pdf", scanned(keys=b"/CropBox " + shown))
    scan = read_scan(path)
    assert scan.notes == (f"{AS_STORED}, cut to what the page shows of it",)
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing[part])
    np.testing.assert_array_equal(read_values(scan.source, page=1, pages=1).values, drawing[part])
    assert scan.dpi == pytest.approx((36, 40))


def test_an_image_smaller_than_its_page_is_rendered_with_the_paper_around_it(write, scanned):
    scan = read_scan(write("a.pdf", scanned(b"q 72 0 0 36 0 36 cm /I Do Q")))
    assert scan.notes == (f"{RENDERED}has a border around its one image",)
    assert (scan.pixels[160:] == 1).all()
    assert scan.pixels[:140, :290].min() < 0.2


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"q -144 0 0 72 144 0 cm /I Do Q", lambda page: page[:, ::-1]),
        (b"q 144 0 0 -72 0 72 cm /I Do Q", lambda page: page[::-1]),
        (b"q 0 72 144 0 0 0 cm /I Do Q", lambda page: page[::-1, ::-1].T),
    ],
)
def test_a_mirrored_or_turned_image_is_rendered_as_shown(write, scanned, drawing, content, shown):
    scan = read_scan(write("a.pdf", scanned(content)))
    expected = Image.fromarray(np.ascontiguousarray(shown(drawing))).resize((600, 300))
    assert scan.notes == (f"{RENDERED}shows its one image turned, mirrored or slanted",)
    assert np.abs(scan.pixels - np.asarray(expected) / 255).mean() < 0.03


@pytest.mark.parametrize("more", [b"/Decode [1 0]", b"/Decode [0 1]"])
def test_a_decode_array_is_obeyed(write, scanned, drawing, more):
    scan = read_scan(write("a.pdf", scanned(stream=(image_keys(drawing, more), drawing.tobytes()))))
    inverted = more == b"/Decode [1 0]"
    assert np.median(scan.pixels) == pytest.approx(1 - 238 / 255 if inverted else 238 / 255, abs=0.02)


@pytest.mark.parametrize("more", [b"", b"/Decode [1 0]"])
def test_a_stencil_shows_what_the_page_shows(write, scanned, drawing, more):
    keys = b"/Subtype /Image /Width 72 /Height 40 /ImageMask true /BitsPerComponent 1 " + more
    scan = read_scan(write("a.pdf", scanned(stream=(keys, np.packbits(drawing > 128, axis=1).tobytes()))))
    shown = scan.pixels if not more else 1 - scan.pixels  # 0 bits are painted black, or 1 bits
    expected = Image.fromarray(drawing > 128).resize(scan.pixels.shape[::-1], Image.Resampling.NEAREST)
    assert (np.asarray(expected) != (shown > 0.5)).mean() < 0.02


def test_a_soft_mask_is_obeyed(write, scanned, drawing):
    opacity = np.zeros((40, 72), np.uint8)
    opacity[:, 36:] = 255
    stream = (image_keys(drawing, b"/SMask 101 0 R"), drawing.tobytes())
    mask = (image_keys(opacity), opacity.tobytes())
    scan = read_scan(write("a.pdf", scanned(stream=stream, objects={101: mask})))
    height, width = scan.pixels.shape
    assert scan.pixels[:, : width // 2 - width // 20].min() == 1
    assert scan.pixels[:, width // 2 + width // 20 :].min() < 0.2
    assert height / width == pytest.approx(40 / 72, abs=0.06)


def test_pages_are_read_one_after_the_other_or_singly(write, pdf, drawing):
    pages = [
        {"content": WHOLE, "keys": b"/MediaBox [0 0 144 72]", "resources": b"/XObject << /I %d 0 R >>" % n}
        for n in (100, 101, 102)
    ]
    images = [drawing, drawing[::-1], drawing[:, ::-1]]
    objects = {100 + i: (image_keys(image), image.tobytes()) for i, image in enumerate(images)}
    path = write("a.pdf", pdf(pages, objects))
    scans = list(read_scans(path))
    assert [scan.where for scan in scans] == [f"{path} page {page}" for page in (1, 2, 3)]
    for scan, image in zip(scans, images, strict=True):
        np.testing.assert_array_equal(np.rint(scan.pixels * 255), image)
    np.testing.assert_array_equal(read_scan(path, page=2).pixels, scans[1].pixels)
    with pytest.raises(PageMissing, match="has no page 4, but 3 pages"):
        read_scan(path, page=4)


def test_bright_ink_is_inverted_where_the_user_says_so(write, scanned, drawing):
    scan = read_scan(write("a.pdf", scanned()), settings=Scanning(ink="bright"))
    np.testing.assert_allclose(scan.pixels, 1 - drawing / 255, atol=1e-6)
    assert scan.notes[-1] == "inverted: it was said that its ink is bright"


@pytest.mark.parametrize(
    "around", [(b"From a mail\r\n", b""), (b"", b"\r\n\0\0\0"), (b"", b"trailer\n" * 40)]
)
def test_a_little_around_a_pdf_does_no_harm(write, scanned, drawing, around):
    before, after = around
    scan = read_scan(write("a.pdf", before + scanned() + after))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)


def test_a_pdf_with_a_password_is_refused(write, scanned):
    protection = (
        b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <%s> /U <%s> >>"
        % (b"5a" * 32, b"a5" * 32)
    )
    data = scanned()
    data = data.replace(b"/Root 1 0 R", b"/Root 1 0 R " + protection)
    with pytest.raises(PdfEncrypted, match="asks for a password") as caught:
        read_scan(write("a.pdf", data))
    assert "without a password" in caught.value.advice


def test_an_unknown_kind_of_protection_is_refused(write, scanned):
    data = scanned().replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Nobodys /V 9 /R 9 >>")
    with pytest.raises(PdfEncrypted):
        read_scan(write("a.pdf", data))


def test_a_pdf_without_pages_is_refused_whatever_file_was_refused_before_it(write, pdf, scanned):
    protected = scanned().replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Nobodys /V 9 /R 9 >>")
    with pytest.raises(PdfEncrypted):
        read_scan(write("a.pdf", protected))
    with pytest.raises(FileTruncated, match="damaged or has no pages"):
        read_scan(write("b.pdf", pdf([])))


def test_an_image_that_is_too_large_is_refused_before_it_is_decoded(write, scanned, drawing):
    huge = image_keys(drawing).replace(b"/Width 72 /Height 40", b"/Width 20000 /Height 20000")
    with pytest.raises(ImageTooLarge, match="20000 x 20000 pixels are more than 200 megapixels"):
        read_scan(write("a.pdf", scanned(stream=(huge, b"\0" * 100))))


def test_many_threads_may_read_pdf_files(write, scanned, pdf, drawing):
    paths = [
        write("a.pdf", scanned()),
        write("b.pdf", pdf([{"content": b"0 g 36 18 72 36 re f"}] * 3)),
    ]
    expected = [[scan.pixels for scan in read_scans(path)] for path in paths]

    def read(number):
        return number % 2, [scan.pixels for scan in read_scans(paths[number % 2])]

    with ThreadPoolExecutor(8) as pool:
        for which, pages in pool.map(read, range(48)):
            for page, right in zip(pages, expected[which], strict=True):
                np.testing.assert_array_equal(page, right)


def test_a_file_whose_pages_are_not_all_read_is_closed(write, pdf):
    scans = read_scans(write("a.pdf", pdf([{"content": b"0 g 36 18 72 36 re f"}] * 2)))
    next(scans)
    del scans
    gc.collect()  # warnings, and errors while finalising, are errors here
