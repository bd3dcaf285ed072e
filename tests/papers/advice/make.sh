#!/bin/sh
# Makes the pairs of this folder anew with the programs of README.md: what is refused, and what our advice makes of it.
# Run it here: ./make.sh   Needs LibreOffice, Ghostscript, qpdf, poppler, libtiff, ImageMagick, Chromium, pikepdf.
set -eu
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

office() { # office NAME FILTER-OPTIONS: what LibreOffice exports of report.odt
    soffice --headless --convert-to "pdf:writer_pdf_Export${2:+:$2}" --outdir out report.odt >/dev/null 2>&1
    mv out/report.pdf "$1.pdf"
}
printed() { pdftocairo -pdf "$@"; } # what a printer of the system writes: pages alone, as cairo draws them
through_postscript() { # through_postscript IN OUT: as a PDF printer's driver does
    pdftops "$1" page.ps && gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile="$2" page.ps
}

cat >report.html <<'HTML'
<html lang="fa" dir="rtl"><meta charset="utf-8"><body><p>گزارش سال ۱۴۰۴</p>
<p style="page-break-before: always">صفحهٔ دوم</p></body></html>
HTML
soffice --headless --convert-to odt report.html >/dev/null 2>&1
office plain ''

# A password
office encrypted-libreoffice '{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"secret"}}'
cp plain.pdf encrypted-libreoffice.after.pdf
qpdf --encrypt secret owner 256 -- plain.pdf encrypted-printed.pdf
printed -upw secret encrypted-printed.pdf encrypted-printed.after.pdf
qpdf --encrypt secret owner 128 --use-aes=y --cleartext-metadata -- plain.pdf encrypted-acrobat.pdf
qpdf --password=secret --decrypt encrypted-acrobat.pdf encrypted-acrobat.after.pdf
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sUserPassword=secret -sOwnerPassword=owner -dEncryptionR=3 -dKeyLength=128 \
    -sOutputFile=encrypted-printer.pdf plain.pdf
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile=encrypted-printer.after.pdf plain.pdf

# Attachments
office embedded-libreoffice '{"IsAddStream":{"type":"boolean","value":"true"}}'
cp plain.pdf embedded-libreoffice.after.pdf
printed plain.pdf attached.pdf
qpdf --add-attachment report.html -- plain.pdf embedded-acrobat.pdf
qpdf --remove-attachment=report.html embedded-acrobat.pdf embedded-acrobat.after.pdf
qpdf --add-attachment attached.pdf -- attached.pdf embedded-printed.pdf
qpdf --show-attachment=attached.pdf embedded-printed.pdf >embedded-attachment.after.pdf
printed embedded-printed.pdf embedded-printed.after.pdf

# What acts: each made of a whole file, then printed
python3 - <<'PYTHON'
import pikepdf
from pikepdf import Array, Dictionary, Name, String

def change(name, producer, how):
    with pikepdf.open("plain.pdf") as pdf:
        pdf.docinfo["/Producer"] = producer
        del pdf.docinfo["/Creator"]
        how(pdf)
        pdf.save(name)

def action(**entries):
    return lambda pdf: pdf.Root.__setitem__("/OpenAction", Dictionary(entries))

def form(pdf):
    packet = pdf.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_indirect(packet))

def film(pdf):
    page = pdf.pages[0]
    page.Annots = Array([pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Movie, Rect=Array([0, 0, 99, 99]), Movie=Dictionary(F=String("film.avi"))))])

def huge(pdf):
    for page in pdf.pages:
        page.MediaBox = Array([0, 0, 20_000, 28_000])

def uncounted(pdf):
    pdf.Root.Pages.Count = 7

change("single.pdf", "PDFium", lambda pdf: None)
change("scripts.pdf", "PDFium", action(**{"/S": Name.JavaScript, "/JS": String("app.alert(1)")}))
change("launch.pdf", "PDFium", action(**{"/S": Name.Launch, "/F": String("calc.exe")}))
change("itself.pdf", "PDFium", action(**{"/S": Name.URI, "/URI": String("https://example.org/")}))
change("form.pdf", "Adobe LiveCycle Designer ES 9.0", form)
change("film.pdf", "PDFium", film)
change("huge.pdf", "PDFium", huge)
with pikepdf.new() as pdf:
    pdf.docinfo["/Producer"] = "LibreOffice 7.4"
    pdf.save("pageless.pdf")
PYTHON
for each in scripts launch itself form film; do
    printed $each.pdf $each.after.pdf
    through_postscript $each.pdf $each-postscript.after.pdf
done
cp plain.pdf pageless.after.pdf

# Two kinds at once: a ZIP behind the PDF
python3 -c "import zipfile; z = zipfile.ZipFile('a.zip', 'w'); z.writestr('a.txt', 'a'); z.close()"
cat single.pdf a.zip >twofold.pdf
printed twofold.pdf twofold.after.pdf
through_postscript twofold.pdf twofold-postscript.after.pdf

# Paper of no printer
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sPAPERSIZE=a4 -dFIXEDMEDIA -dPDFFitPage -sOutputFile=huge.after.pdf huge.pdf

# Too many pages (the test's limit is one): in parts
cp plain.pdf many.pdf
printed -f 1 -l 1 many.pdf many-1.after.pdf
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -dFirstPage=2 -dLastPage=2 -sOutputFile=many-2.after.pdf many.pdf
office many-3.after '{"PageRange":{"type":"string","value":"1"}}'

# Cut off on the way, and copied anew; damaged, and made anew by what still opens it
head -c 6000 plain.pdf >cut.pdf
cp plain.pdf cut.after.pdf
convert -size 600x800 plasma:fractal -colorspace Gray -quality 40 whole.jpg
head -c 9000 whole.jpg >damaged.jpg
convert damaged.jpg -density 72 -compress jpeg damaged.after.pdf 2>/dev/null || true

# Print it and scan the paper: a copier in black and white with 300 dpi, an office scanner in grey with 150
pdftoppm -r 300 -mono plain.pdf scan
for each in scan-*.pbm; do convert "$each" -units PixelsPerInch -density 300 -compress Group4 "${each%.pbm}.tif"; done
tiffcp -c g4 scan-*.tif scanned.after.tif
tiff2pdf -o scanned-tiff2pdf.after.pdf scanned.after.tif
pdftoppm -r 150 -gray -f 1 -l 1 plain.pdf page
convert page-*.pgm -units PixelsPerInch -density 150 -quality 30 scanned.after.jpg
convert scanned.after.jpg -density 150 scanned-imagemagick.after.pdf

# Printed from a browser
chromium --headless --no-sandbox --disable-gpu --print-to-pdf=browser.after.pdf report.html >/dev/null 2>&1

for each in *.pdf *.tif *.jpg; do
    case $each in plain.pdf | single.pdf | attached.pdf | whole.jpg | scan-*) continue ;; esac
    cp "$each" "$here/$each"
done
