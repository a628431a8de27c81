"""The lanes of pytest end in one closing line."""

from ops import checks

REPORT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="{errors}"
failures="{failures}" skipped="{skipped}" tests="{tests}" time="1.0"/></testsuites>"""


def report(path, **counts):
    path.write_text(REPORT.format_map({"errors": 0, "failures": 0, "skipped": 0} | counts))
    return path


def test_the_closing_line_counts_all_lanes(tmp_path):
    one = report(tmp_path / "one.xml", tests=10, failures=2, skipped=1)
    other = report(tmp_path / "other.xml", tests=5, errors=1)
    line = checks.closing_line([one, other], 61.5)
    assert line.strip("=") == " 2 failed, 11 passed, 1 skipped, 1 errors in 61.50s "


def test_a_good_run_says_only_how_many_passed(tmp_path):
    line = checks.closing_line([report(tmp_path / "one.xml", tests=3)], 1)
    assert line.strip("=") == " 3 passed in 1.00s "


def test_no_lane_meets_anything_of_another():
    lanes = [checks.environment.for_process(use) for use in ("test", *checks.FOLDERS)]
    for name in ("DATABASE_URL", "REDIS_URL"):
        assert len({lane[name] for lane in lanes}) == len(lanes)
    assert all("FCM_EMULATOR_URL" not in lane for lane in lanes)
