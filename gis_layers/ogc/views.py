"""OGC API Features over HTTP: who asks, in which form; everything else is in its own file."""

import json
from datetime import UTC, datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import language
from accounts.api_keys import WRITES, KeyAuthentication
from accounts.authentication import VerifiedSessionAuthentication
from accounts.models import AppKey, User
from accounts.throttles import OpenThrottle
from gis_layers.ogc import documents, openapi, writes
from gis_layers.ogc.collections import Caller, Collection, find, visible
from gis_layers.ogc.conformance import CLASSES
from gis_layers.ogc.documents import GEOJSON, JSON, OPENAPI, SCHEMA, Addresses
from gis_layers.ogc.errors import NotWritable
from gis_layers.ogc.extents import extents
from gis_layers.ogc.fields import types
from gis_layers.ogc.items import Page, item, page
from gis_layers.ogc.negotiation import AsAsked, wants_html
from gis_layers.ogc.pages import facts, map_config, table
from gis_layers.ogc.queries import ALWAYS, ITEM, asked, crs, names_properties, read, single
from gis_layers.ogc.reference_systems import CRS84, Crs

DRAWN_MAX = 2_000  # features on the map of a layer's page
LIST_METHODS = ("GET", "HEAD", "OPTIONS", "POST")
ITEM_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
READS = ("GET", "HEAD", "OPTIONS")


class OgcView(APIView):
    """Open to everybody; who shows a key or has a session sees more collections.

    What the caller may not see is not there (404), so that a stranger learns nothing.
    """

    authentication_classes = [KeyAuthentication, VerifiedSessionAuthentication]
    permission_classes = []
    throttle_classes = [OpenThrottle]
    throttle_scope = "ogc"
    content_negotiation_class = AsAsked
    schema = None  # described by openapi.py

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.html = wants_html(request)
        if not self.html:
            language.follow(request)  # programs have no cookie
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Http404) and getattr(self, "html", False):
            raise exc  # people get the page that says so
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Read by any page of any site, as it is open data; keys and sessions stay one's own."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Content-Crs, ETag, Link, Location"
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        return response

    @property
    def caller(self) -> Caller:
        request = self.request
        key = request.auth if isinstance(request.auth, AppKey) else None
        return Caller(cast(User | None, request.user), key)

    @property
    def at(self) -> Addresses:
        return Addresses(self.request.build_absolute_uri("/ogc/"))

    def found(self) -> Collection:
        """The collection of the address. Raises Http404."""
        return find(self.kwargs["collection"], self.caller)

    def parameters(self, known: set[str]) -> dict[str, str]:
        return single(self.request.GET, known)

    def answer(
        self, document: dict[str, Any], template: str, media: str = JSON, **context: Any
    ) -> HttpResponse:
        """The document, or the page that shows it."""
        if self.html:
            context |= {"document": document, "json_url": self.elsewhere(f="json")}
            return render(self.request._request, f"ogc/{template}.html", context)
        return HttpResponse(json.dumps(document, ensure_ascii=False), content_type=media)

    def this(self) -> list[dict[str, str]]:
        """Links to the features just asked for, and to their page."""
        links = documents.this(self.elsewhere(f=""), GEOJSON)
        links[0]["href"] = self.request.build_absolute_uri()
        return links

    def elsewhere(self, **changes: str) -> str:
        """This address with other parameters; an empty one is left out."""
        params = self.request.GET.copy()
        for name, value in changes.items():
            params.pop(name, None)
            if value:
                params[name] = value
        return with_query(self.request.build_absolute_uri(self.request.path), params)


def with_query(address: str, params: QueryDict) -> str:
    # Commas and slashes as they came: of a bbox, of a URI.
    return f"{address}?{params.urlencode(safe='/,:')}" if params else address


class LandingView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        self.parameters(ALWAYS)
        context: dict[str, Any] = {"collections": visible(self.caller)} if self.html else {}
        return self.answer(documents.landing(self.at), "landing", **context)


class ApiView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        self.parameters(ALWAYS)
        return self.answer(openapi.document(self.at.root), "api", OPENAPI)


class ConformanceView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        self.parameters(ALWAYS)
        return self.answer({"conformsTo": CLASSES}, "conformance")


class CollectionsView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        self.parameters(ALWAYS)
        shown, writable = visible(self.caller), set(self.caller.gminas(WRITES))
        document = documents.collections(shown, writable, self.at)
        return self.answer(document, "landing", collections=shown)


class CollectionView(OgcView):
    def get(self, request: Request, collection: str) -> HttpResponse:
        self.parameters(ALWAYS)
        one = self.found()
        box = extents([one.layer]).get(one.layer.pk)
        writable = one.layer.gmina_id in self.caller.gminas(WRITES)
        document = documents.collection(one, box, writable, self.at)
        context: dict[str, Any] = {"collection": one, "kinds": types(one)} if self.html else {}
        address = f"{self.at.collection(one, 'items')}?limit={DRAWN_MAX}"
        return self.answer(document, "collection", map=map_config(one, address), **context)


class QueryablesView(OgcView):
    def get(self, request: Request, collection: str) -> HttpResponse:
        self.parameters(ALWAYS)
        one = self.found()
        document = documents.queryables(one, types(one), self.at)
        return self.answer(document, "queryables", SCHEMA, collection=one)


class WritingView(OgcView):
    """Takes changes where the collection is a working copy; OPTIONS and 405 say which it is."""

    methods: tuple[str, ...]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.allow(self.methods if self.found().is_staged else READS)
        return HttpResponse(status=204)

    def allow(self, methods: tuple[str, ...]) -> None:
        """What the answer's Allow will say: else DRF names every method of the class."""
        self.headers["Allow"] = ", ".join(methods)

    def writable(self) -> Collection:
        """Raises Http404; PermissionDenied, for whom there is nothing but to read; NotWritable."""
        one = self.found()
        if one.is_staged:
            return one
        if one.layer.gmina_id not in self.caller.gminas(WRITES):
            raise PermissionDenied
        self.allow(READS)
        raise NotWritable(details={"collection": one.twin().id})

    @property
    def officer(self) -> User:
        """Whoever found a working copy is signed in."""
        return cast(User, self.request.user)

    def body_crs(self) -> Crs:
        return writes.content_crs(self.request.headers.get(writes.CONTENT_CRS))

    def expected(self) -> str:
        return writes.if_match(self.request.headers.get("If-Match"))


class ItemsView(WritingView):
    methods = LIST_METHODS

    def get(self, request: Request, collection: str) -> HttpResponse:
        one = self.found()
        kinds = types(one) if names_properties(request.GET) else {}
        query = read(request.GET, {name: kinds[name] for name in kinds if asked(name)})
        found = page(one, query, kinds)
        if self.html:
            return self.listed(one, found)
        return featured(self.collection_text(found), query.crs, one)

    def collection_text(self, found: Page) -> str:
        """A FeatureCollection; its features are spliced in as they are."""
        head: dict[str, Any] = {"type": "FeatureCollection", "links": self.links(found)}
        if found.matched is not None:
            head["numberMatched"] = found.matched
        head["numberReturned"] = len(found.items)
        head["timeStamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        features = ",\n".join(item.text() for item in found.items)
        return f'{json.dumps(head)[:-1]}, "features": [{features}]}}'

    def links(self, found: Page) -> list[dict[str, str]]:
        links = self.this()
        if found.after is not None:
            after = self.elsewhere(cursor=str(found.after))
            links.append(documents.link(after, "next", GEOJSON, _("Next features")))
        return links

    def listed(self, one: Collection, found: Page) -> HttpResponse:
        after = self.elsewhere(cursor=str(found.after)) if found.after is not None else ""
        # The map is drawn in degrees whatever the page was asked in.
        drawn = self.elsewhere(crs="", f="json")
        context = {"collection": one, "next_url": after, "map": map_config(one, drawn)}
        context |= {
            "page": found,
            "table": table(found.items),
            "json_url": self.elsewhere(f="json"),
        }
        return render(self.request._request, "ogc/items.html", context)

    def post(self, request: Request, collection: str) -> HttpResponse:
        one = self.writable()
        fid = writes.create(one, request.data, self.body_crs(), self.officer)
        etag = item(one, fid, CRS84).etag
        location = self.at.collection(one, "items", str(fid))
        return HttpResponse(status=201, headers={"Location": location, "ETag": etag})


class ItemView(WritingView):
    methods = ITEM_METHODS

    @property
    def fid(self) -> int:
        """Raises Http404 for what is no number of a feature."""
        text = self.kwargs["feature"]
        if not (text.isascii() and text.isdecimal() and len(text) < 20):
            raise Http404
        return int(text)

    def get(self, request: Request, collection: str, feature: str) -> HttpResponse:
        one = self.found()
        wanted = crs(self.parameters(ITEM), "crs")
        found = item(one, self.fid, wanted)
        here = self.at.collection(one, "items", str(self.fid))
        if self.html:
            context = {"collection": one, "item": found, "map": map_config(one, here)}
            context |= facts(found) | {"json_url": self.elsewhere(f="json")}
            return render(request._request, "ogc/item.html", context)
        links = [
            *self.this(),
            documents.link(self.at.collection(one), "collection", JSON, one.title),
        ]
        response = featured(found.text(links=links), wanted, one)
        response["ETag"] = found.etag
        return cast(HttpResponse, get_conditional_response(request, found.etag, None, response))

    def put(self, request: Request, collection: str, feature: str) -> HttpResponse:
        one, expected = self.writable(), self.expected()
        writes.replace(one, self.fid, request.data, self.body_crs(), self.officer, expected)
        return self.changed(one)

    def patch(self, request: Request, collection: str, feature: str) -> HttpResponse:
        one, expected = self.writable(), self.expected()
        writes.update(one, self.fid, request.data, self.body_crs(), self.officer, expected)
        return self.changed(one)

    def delete(self, request: Request, collection: str, feature: str) -> HttpResponse:
        writes.remove(self.writable(), self.fid, self.officer, self.expected())
        return HttpResponse(status=204)

    def changed(self, one: Collection) -> HttpResponse:
        """With the new ETag, so that the next change needs no question before it."""
        return HttpResponse(status=204, headers={"ETag": item(one, self.fid, CRS84).etag})


def featured(text: str, answered_in: Crs, one: Collection) -> HttpResponse:
    response = HttpResponse(text, content_type=GEOJSON)
    response["Content-Crs"] = f"<{answered_in.uri}>"
    if one.is_open:
        response["Cache-Control"] = "public, no-cache"
    return response
