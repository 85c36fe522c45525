"""Canonical text: the same value always has the same text, byte for byte, whichever encoder wrote it."""

import hashlib
import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core import canonical as module
from openinfusion.core.canonical import Json, canonical, quoted, sha256

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_canonical_text_has_sorted_keys_no_blanks_and_plain_unicode(value):
    assert canonical(value) == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_canonical_text_is_the_same_where_python_has_no_compiled_encoder(monkeypatch):
    value: Json = {"b": [1, None, True, 'he said "no"'], "a": {"é": "\n\u2028"}}
    monkeypatch.setattr("json.encoder.c_make_encoder", None)
    assert "".join(module._pieces()(value, 0)) == canonical(value)


@given(st.text())
def test_a_quoted_string_is_its_canonical_text(text):
    assert quoted(text) == canonical(text)


def test_what_is_not_json_has_no_canonical_form():
    for value in (object(), {1, 2}, b"bytes", {"at": object()}):
        with pytest.raises(TypeError):
            canonical(cast("Json", value))
    with pytest.raises(TypeError):
        quoted(cast("str", None))
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(cast("Json", float("nan")))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_digest_is_that_of_the_utf8_text_each_time_anew(text):
    assert sha256(text) == sha256(text) == hashlib.sha256(text.encode()).hexdigest()
