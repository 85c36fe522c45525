"""Third-party files are what was taken over, byte for byte, each with the licence of its package."""

import hashlib
from pathlib import Path

import openinfusion.web

VENDOR = Path(openinfusion.web.__file__).parent / "static" / "web" / "vendor"


def test_every_third_party_file_has_the_digest_it_was_taken_over_with() -> None:
    lines = (line.partition("  ") for line in (VENDOR / "SHA256SUMS").read_text(encoding="ascii").splitlines())
    told = {name: digest for digest, _, name in lines}
    files = {one.name for one in VENDOR.iterdir()} - {"SHA256SUMS"}
    assert files == set(told)
    for name in files:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == told[name], name


def test_every_third_party_file_stands_beside_a_licence() -> None:
    licences = {one.name.removesuffix("-LICENSE.txt") for one in VENDOR.glob("*-LICENSE.txt")}
    for one in (*VENDOR.glob("*.js"), *VENDOR.glob("*.css")):
        package = one.name.split(".")[0].rpartition("-")[0]
        assert package in licences, one.name
