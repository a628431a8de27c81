"""Words in names of streets that are written in several ways, in normal form (names.py).

Collected from ULIC's column CECHA and from one half of the real pairs in
fixtures/teryt/street_names.csv.gz. In the tables each line is a short form and what it stands for.
"""


def _table(text: str) -> dict[str, str]:
    """{word: short form} of such lines, the short form itself among the words."""
    lines = [line.split() for line in text.strip().splitlines()]
    return {word: short for short, *words in lines for word in (short, *words)}


# Kind of street; "ul" goes without saying.
TYPES = _table(
    """
    ul ulica
    al aleja aleje
    bulw bulwar
    droga
    os osiedle osiedla
    park
    pasaz
    pl plac
    rondo
    rynek
    skwer
    szosa
    trakt
    wyb wybrzeze
    zaulek
    """
) | {"ul": "", "ulica": ""}

TITLES = _table(
    """
    abp arcybiskupa
    adm admirala
    adw adwokata
    asp aspiranta
    bl blogoslawionego blogoslawionej blogoslawionych
    bp biskupa biskupow bpa
    br brata braci
    bryg brygadiera
    burm burmistrza
    chor chorazego
    dh druha druhny
    doc docenta
    dr doktora doktor
    dyr dyrektora
    dyw dywizji
    gen generala generalow
    hab habilitowanego
    hetm hetmana
    hm harcmistrza
    hr hrabiego
    insp inspektora
    inz inzyniera
    kadm kontradmirala
    kan kanonika
    kard kardynala
    kmdr komandora
    kpr kaprala
    kpt kapitana
    kr krola krolowej
    ks ksiedza ksiezy ksiecia
    marsz marszalka
    mec mecenasa
    mgr magistra
    mjr majora majorow
    o ojca ojcow
    pil pilota
    plk pulkownika
    plut plutonowego
    por porucznika
    ppor podporucznika ppr
    pplk podpulkownika
    pral pralata
    prof profesora
    prym prymasa
    red redaktora
    rez rezerwy
    rtm rotmistrza
    s siostry
    sierz sierzanta
    st starszego
    sw swietego swietej swietych sww
    woj wojewody
    """
)
# Titles that are half of a name: św. Jana is not Jana.
SOME_NAME = frozenset({"bl", "sw"})

# Words that add nothing, the "go" of "3-go Maja" among them.
DROPPED = frozenset({"go", "im", "imienia", "ps", "r", "roku"})

SHORTENED = {
    "boh": "bohaterow",
    "bohat": "bohaterow",
    "kol": "kolonia",
    "powst": "powstancow",
    "wlk": "wielkiego",
    "wlkp": "wielkopolskich",
}

# One of these more makes another street of it: Kolonia and Nowa Kolonia.
TELLING_APART = frozenset(
    """
    boczna dluga dolna dolne duza gorna gorne krotka mala male nizsza nowa nowe polnocna
    poludniowa srednia srodkowa stara stare tylna wielka wielkie wschodnia wyzsza zachodnia
    pierwsza druga trzecia czwarta
    """.split()  # noqa: SIM905 - a list of words reads better as a text
)

# "1 Maja" is spoken, and often written, in words.
ORDINALS = _table(
    """
    1 pierwszego pierwszej
    2 drugiego drugiej
    3 trzeciego trzeciej
    4 czwartego czwartej
    5 piatego piatej
    6 szostego szostej
    7 siodmego siodmej
    8 osmego osmej
    9 dziewiatego dziewiatej
    10 dziesiatego dziesiatej
    11 jedenastego
    12 dwunastego
    13 trzynastego
    14 czternastego
    15 pietnastego
    16 szesnastego
    17 siedemnastego
    18 osiemnastego
    19 dziewietnastego
    20 dwudziestego
    """
)
# "I" and "V" alone are initials as often.
ROMAN = _table(
    """
    2 ii
    3 iii
    4 iv
    6 vi
    7 vii
    8 viii
    9 ix
    11 xi
    12 xii
    13 xiii
    14 xiv
    15 xv
    16 xvi
    20 xx
    21 xxi
    """
)
