"""compose.yaml against what it starts: the image, the settings, the commands, the proxy's file.

No engine is needed: what one would find out when it starts the services is compared here.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
NGINX = (ROOT / "ops" / "proxy" / "nginx.conf").read_text()
OURS = {name for name, service in SERVICES.items() if "build" in service}


def command_of_image():
    """The Dockerfile's last CMD: what a service without a command of its own runs."""
    last = DOCKERFILE.replace("\\\n", " ").rsplit("\nCMD ", 1)[1]
    return json.loads(last.splitlines()[0])


def option(command, name):
    return command[command.index(name) + 1]


def mounts(service):
    """Target in the container → named volume or file of the checkout."""
    parts = [volume.split(":") for volume in SERVICES[service].get("volumes", [])]
    return {part[1]: part[0] for part in parts}


def test_our_services_are_the_processes_of_the_operations_page():
    page = (ROOT / "docs" / "operations.md").read_text()
    listed = re.findall(r"^\| (\w+) \| `([^`]+)`", page, re.MULTILINE)
    expected = {name: shlex.split(command.replace("manage.py ", "")) for name, command in listed}
    given = {
        name: SERVICES[name]["command"][2:] for name in expected if "command" in SERVICES[name]
    }
    assert {*expected, "migrate"} == OURS
    assert given | {"web": expected["web"]} == expected
    assert set(expected["web"]) <= set(command_of_image())


@pytest.mark.parametrize("name", sorted(name for name in OURS if "command" in SERVICES[name]))
def test_each_command_is_one_that_takes_these_arguments(name):
    python, manage, command, *arguments = SERVICES[name]["command"]
    assert (python, manage) == ("python", "manage.py")
    parser = load_command_class(get_commands()[command], command).create_parser(manage, command)
    parser.parse_args(arguments)  # ends the test with the parser's words where it refuses


def test_every_variable_is_a_setting_of_the_settings_page():
    page = (ROOT / "docs" / "settings.md").read_text()
    known = set(re.findall(r"^\| `(\w+)` \|", page.split("## Limits")[0], re.MULTILINE))
    required = set(re.findall(r"^\| `(\w+)` \| none \|", page, re.MULTILINE))
    for name in OURS:
        given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
        assert given | {"AUDIT_HEADS_FILE"} <= known
        assert required <= given
        assert len({"FCM_CREDENTIALS", "FCM_EMULATOR_URL"} & given) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_that_is_read_is_mounted_and_declared(name):
    service = SERVICES[name]
    text = json.dumps(service.get("environment", {})) + (NGINX if name == "proxy" else "")
    assert set(re.findall(r"/run/secrets/(\w+)", text)) == set(service.get("secrets", []))
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])


def test_every_secret_is_one_whose_making_is_described():
    page = (ROOT / "docs" / "operations.md").read_text()
    for secret in COMPOSE["secrets"].values():
        assert Path(secret["file"]).name in page


def test_every_volume_is_declared_and_used():
    used = {source for name in SERVICES for source in mounts(name).values()}
    files = {source for source in used if source.startswith("./")}
    assert all((ROOT / source).is_file() for source in files)
    assert used - files == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_each_waits_for_what_can_be_waited_for(name):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        awaited = SERVICES[other]
        if how["condition"] == "service_completed_successfully":
            assert awaited["restart"] == "no"
        else:
            own = awaited.get("healthcheck", {})
            of_image = other in OURS and "HEALTHCHECK" in DOCKERFILE
            assert how["condition"] == "service_healthy"
            assert not own.get("disable")
            assert own.get("test") or of_image


def test_only_web_has_the_images_probe_for_only_web_answers_it():
    probed = {name for name in OURS if not SERVICES[name].get("healthcheck", {}).get("disable")}
    assert probed == {"web"}
    port = option(command_of_image(), "--port")
    assert f"http://localhost:{port}/healthz" in DOCKERFILE
    assert "localhost" in SERVICES["web"]["environment"]["ALLOWED_HOSTS"].split(",")


def test_the_proxy_asks_the_web_service_where_it_listens():
    port = option(command_of_image(), "--port")
    assert f"server web:{port};" in NGINX
    assert f"EXPOSE {port}" in DOCKERFILE
    assert SERVICES["web"]["environment"]["BEHIND_PROXY"] == "1"


def test_only_the_proxy_can_be_reached_from_outside_on_ports_it_listens_on():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    inner = {port.split(":")[1] for port in SERVICES["proxy"]["ports"]}
    assert inner == set(re.findall(r"listen (\d+)", NGINX))


def test_what_must_outlive_a_container_is_in_a_volume():
    cache = re.search(r"proxy_cache_path (\S+)", NGINX)[1]
    heads = re.search(r"ENV AUDIT_HEADS_FILE=(\S+)", DOCKERFILE)[1]
    assert mounts("proxy")[cache] == "tiles"
    assert mounts("clock")[str(Path(heads).parent)] == "audit-heads"
    assert mounts("db")["/var/lib/postgresql/data"] == "database"
    assert mounts("redis")["/data"] == "queue"


def test_the_database_is_the_one_that_the_described_address_names():
    page = (ROOT / "docs" / "operations.md").read_text()
    user, name = re.search(r"postgis://(\w+):%s@db:5432/(\w+)", page).groups()
    given = SERVICES["db"]["environment"]
    assert (given["POSTGRES_USER"], given["POSTGRES_DB"]) == (user, name)
    assert SERVICES["web"]["environment"]["REDIS_URL"].startswith("redis://redis:6379/")
