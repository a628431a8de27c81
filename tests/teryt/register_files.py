"""Register files as GUS writes them."""

import csv
import io

TERC = ["WOJ", "POW", "GMI", "RODZ", "NAZWA", "NAZWA_DOD", "STAN_NA"]
SIMC = ["WOJ", "POW", "GMI", "RODZ_GMI", "RM", "MZ", "NAZWA", "SYM", "SYMPOD", "STAN_NA"]
ULIC = ["WOJ", "POW", "GMI", "RODZ_GMI", "SYM", "SYM_UL", "CECHA", "NAZWA_1", "NAZWA_2", "STAN_NA"]
ON = "2025-01-01"
CHORZOW = ["24", "63", "01", "1", "Chorzów", "gmina miejska", ON]
BYTOM = ["24", "62", "01", "1", "Bytom", "gmina miejska", ON]
SLASKIE = ["24", "", "", "", "ŚLĄSKIE", "województwo", ON]
TOWN = ["24", "63", "01", "1", "96", "1", "Chorzów", "0938887", "0938887", ON]
PART = ["24", "63", "01", "1", "99", "1", "Stary Chorzów", "0938953", "0938887", ON]


def as_csv(header: list[str], *rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([header, *rows])
    return "\ufeff" + out.getvalue() + "\r\n"


def as_xml(header: list[str], *rows: list[str]) -> str:
    told = [
        "<row>" + "".join(f"<{k}>{v}</{k}>" for k, v in zip(header, row, strict=True)) + "</row>"
        for row in rows
    ]
    return '<?xml version="1.0"?>\n<teryt><catalog>\n' + "\n".join(told) + "\n</catalog></teryt>"
