"""The demo gminas into the database, by the ways any gmina takes; safe to run again."""

from hashlib import sha256

from accounts.models import Gmina
from config.demo.files import FIXTURES
from config.demo.towns import DemoGmina, LayerFile
from dispatch.approval import create_default_rules
from dispatch.kinds import create_default_kinds
from gis_layers import editions, findings
from gis_layers.imports.load import import_file
from gis_layers.models import Edition
from teryt.load import load_files
from teryt.models import Locality

REGISTERS = ("TERC_Urzedowy_2025-11-18.zip", "SIMC_Urzedowy_2020-09-26.zip")
# Nobody answers this number.
CONTACT_PHONE = "+48 32 000 00 00"


def load_registers() -> bool:
    """Take TERC and SIMC in, unless they are there; whether there was anything to do."""
    if Locality.objects.exists():
        return False
    load_files([FIXTURES / "teryt" / name for name in REGISTERS], by=None)
    return True


def open_gmina(demo: DemoGmina) -> Gmina:
    """The tenant with its kinds of alerts and a new gmina's rules."""
    gmina, _created = Gmina.objects.update_or_create(
        slug=demo.slug,
        defaults={
            "name": demo.name,
            "office": demo.office,
            "kind": demo.kind,
            "terc6": demo.terc6,
            "rodz": demo.rodz,
            "two_person_rule": True,
            "contact_name": demo.contact_name,
            "contact_phone": CONTACT_PHONE,
            "is_demo": True,
        },
    )
    create_default_kinds(gmina)
    create_default_rules(gmina)
    return gmina


def load_layer(layer_file: LayerFile, gmina: Gmina | None) -> Edition | None:
    """Import and publish a layer file, unless just this file was published last.

    None where nothing had to be published; warnings of the shipped files are known and accepted.
    Raises what import_file and publish raise.
    """
    source_name = _source_name(layer_file)
    kind = layer_file.kind
    published = Edition.objects.filter(
        layer__gmina=gmina, layer__kind=kind, state=Edition.State.PUBLISHED
    )
    last = published.order_by("-number").first()
    if last and last.source_name == source_name:
        return None
    path = FIXTURES / layer_file.file
    edition, _report = import_file(
        path, gmina=gmina, kind=kind, by=None, options=layer_file.options
    )
    edition.source_name = source_name
    edition.save(update_fields=["source_name"])
    findings.acknowledge(edition, findings.unacknowledged(edition), None)
    return editions.publish(edition, None)


def _source_name(layer_file: LayerFile) -> str:
    """The file with a digest of its content and of how it is read: a later run knows it again."""
    content = (FIXTURES / layer_file.file).read_bytes()
    digest = sha256(content + repr(layer_file.options).encode()).hexdigest()
    return f"{layer_file.file} sha256:{digest[:16]}"
