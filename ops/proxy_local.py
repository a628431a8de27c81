"""The proxy's own file for a place that is no container: for its tests and for the benches."""

from pathlib import Path

CONFIG = Path(__file__).parent / "proxy" / "nginx.conf"
# By default nginx keeps them where only root may write.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def adapted(folder: Path, *, https: int, http: int, web: int, workers: str = "1") -> str:
    """The file with the container's places in `folder`, on these ports of loopback.

    Every place must be there: KeyError names one that the file no longer has.
    """
    text = CONFIG.read_text()
    for there, here in {
        "/run/secrets/": f"{folder}/",
        "/var/cache/nginx/tiles": f"{folder}/tiles",
        "/tmp/nginx.pid": f"{folder}/pid",  # noqa: S108 - the container's
        "web:8000": f"127.0.0.1:{web}",
        "listen 8443": f"listen 127.0.0.1:{https}",
        "listen 8080": f"listen 127.0.0.1:{http}",
        # Debian 12's nginx is older than the image's and has no such directive.
        "http2 on;": "",
        # By default its workers are somebody who cannot enter a folder of root's.
        "worker_processes auto": f"user root; worker_processes {workers}",
        "http {": "http { " + temporary_folders(folder),
    }.items():
        if there not in text:
            raise KeyError(there)
        text = text.replace(there, here)
    return text


def temporary_folders(folder: Path) -> str:
    return "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in TEMPORARY)
