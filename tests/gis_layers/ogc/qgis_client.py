"""What test_qgis.py has QGIS's own Python do: open collections and tell what QGIS sees.

Run as `/usr/bin/python3 qgis_client.py ADDRESS USER KEY COLLECTION…`; prints one JSON object: each
collection's fields, features with their shapes as WKB, and every warning that QGIS had to give.
"""

import json
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsRectangle,
    QgsVectorLayer,
)


def opened(address: str, user: str, key: str, name: str) -> QgsVectorLayer:
    uri = QgsDataSourceUri()
    for parameter, value in (("url", address), ("typename", name), ("pageSize", "2")):
        uri.setParam(parameter, value)
    uri.setUsername(user)
    uri.setPassword(key)
    return QgsVectorLayer(uri.uri(False), name, "OAPIF")


def described(layer: QgsVectorLayer) -> dict:
    features = list(layer.getFeatures())
    box = features[0].geometry().boundingBox() if features else QgsRectangle()
    touching = QgsFeatureRequest().setFilterRect(box)
    return {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "fields": [field.name() for field in layer.fields()],
        "touching_first": len(list(layer.getFeatures(touching))),
        "features": [
            {
                "name": feature.attribute("name") if "name" in layer.fields().names() else None,
                "wkb": bytes(feature.geometry().asWkb()).hex(),
            }
            for feature in features
        ],
    }


def main() -> None:
    address, user, key, *names = sys.argv[1:]
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    warnings: list[str] = []

    def note(text: str, tag: str, level: int) -> None:
        if level in (Qgis.Warning, Qgis.Critical):
            warnings.append(f"{tag}: {text}")

    application.messageLog().messageReceived.connect(note)
    layers = {name: described(opened(address, user, key, name)) for name in names}
    application.processEvents()  # warnings of other threads wait there
    print(json.dumps({"version": Qgis.QGIS_VERSION, "layers": layers, "warnings": warnings}))
    application.exitQgis()


if __name__ == "__main__":
    main()
