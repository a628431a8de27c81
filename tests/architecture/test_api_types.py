"""The front end's API types are what the code says today (npm run gen-api writes them)."""

import json
import subprocess
from pathlib import Path

from django.core.management import call_command

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


def test_the_generated_types_are_those_of_the_code(tmp_path):
    document, types = tmp_path / "openapi.json", tmp_path / "types.gen.ts"
    call_command("spectacular", "--format", "openapi-json", "--file", str(document))
    assert json.loads(document.read_text())["paths"]
    generator = FRONTEND / "node_modules" / ".bin" / "openapi-typescript"
    subprocess.run([generator, document, "--output", types], check=True, capture_output=True)
    checked_in = FRONTEND / "shared" / "api" / "types.gen.ts"
    assert types.read_text() == checked_in.read_text(), "run: npm run gen-api (in frontend/)"
