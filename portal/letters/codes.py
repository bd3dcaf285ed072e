"""The QR code of a letter (ISO/IEC 18004), as a drawing."""

import io

import segno


def drawing(text: str) -> str:
    """`text` as a QR code with error correction M, in SVG: black modules of one unit, four units of quiet zone."""
    out = io.BytesIO()
    segno.make(text, error="m", boost_error=False, micro=False).save(out, kind="svg", border=4, xmldecl=False)
    return out.getvalue().decode()
