"""The reference page of protocol files names everything that a writer may write."""

from pathlib import Path

import pytest

from openinfusion.protocols.cases import Result
from openinfusion.protocols.texts import BLOCKS, PLACEHOLDERS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "protocol-files.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*BLOCKS, *(f"{{{name}}}" for name in sorted(PLACEHOLDERS)), *(result.value for result in Result)])
def test_every_block_place_and_result_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE
