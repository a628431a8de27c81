"""Which published feature a feature of a file is: its fid survives the import."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from gis_layers.editions import new_fids
from gis_layers.imports.drafts import ID_ATTR, Draft
from gis_layers.models import FeatureChange

Key = Callable[[Draft], Hashable | None]
Op = FeatureChange.Op


def by_id(draft: Draft) -> Hashable | None:
    return draft.attrs.get(ID_ATTR)


def by_code(draft: Draft) -> Hashable | None:
    return draft.code or None


def by_address(draft: Draft) -> Hashable | None:
    """An address in words: locality, street by code, feature or name, number."""
    number = draft.attrs.get("number")
    if not number:
        return None
    street = draft.attrs["ulic"] or draft.attrs["street_fid"] or draft.attrs["street_name"]
    return draft.simc, street, number


def by_geometry(draft: Draft) -> Hashable | None:
    return bytes(draft.geom.wkb) if draft.geom else None


def by_name(draft: Draft) -> Hashable | None:
    """The exact name within its locality."""
    return (draft.simc, draft.name) if draft.name else None


# In this order; a key counts only where it is one feature's on both sides.
KEYS: Sequence[Key] = (by_id, by_code, by_address, by_geometry, by_name)


def matched(drafts: Sequence[Draft], shown: Mapping[int, Draft]) -> dict[int, int]:
    """Position of a draft -> fid of the shown feature that it is, for those that are one."""
    found: dict[int, int] = {}
    free = dict(shown)
    for key in KEYS:
        theirs = singles((fid, key(draft)) for fid, draft in free.items())
        ours = singles((n, key(draft)) for n, draft in enumerate(drafts) if n not in found)
        for value in ours.keys() & theirs.keys():
            found[ours[value]] = theirs[value]
            del free[theirs[value]]
    return found


def singles(pairs: Iterable[tuple[int, Hashable | None]]) -> dict[Hashable, int]:
    """Key -> owner, for the keys that have one owner."""
    owners = defaultdict(list)
    for owner, key in pairs:
        if key is not None:
            owners[key].append(owner)
    return {key: some[0] for key, some in owners.items() if len(some) == 1}


def changes(drafts: Sequence[Draft], shown: Mapping[int, Draft]) -> Iterator[FeatureChange]:
    """The change set that makes a layer show the drafts; what was left out stays as it is."""
    fid_of = matched(drafts, shown)
    added = [draft for n, draft in enumerate(drafts) if n not in fid_of and draft.geom]
    for n, fid in fid_of.items():
        if drafts[n].geom and drafts[n].content() != shown[fid].content():
            yield drafts[n].change(Op.REPLACE, fid)
    for fid, draft in zip(new_fids(len(added)), added, strict=True):
        yield draft.change(Op.ADD, fid)
    for fid in shown.keys() - set(fid_of.values()):
        yield FeatureChange(op=Op.REMOVE, fid=fid)
