"""Names in bounds: what a long one may cost, and that ordinary ones keep their variants."""

from __future__ import annotations

from perfeval_xl.prose.naming import alike, core, variants


def test_words_around_a_name_are_taken_off_one_by_one() -> None:
    assert variants("其中：本年培训人数")[0] == "其中:本年培训人数"
    assert "培训人" in variants("其中：本年培训人数")[-1]


def test_a_name_has_few_variants_however_many_words_stand_around_it() -> None:
    name = "用于" * 20 + "支出" * 20
    assert sum(map(len, variants(name))) < 49 * len(name)
    assert len(variants(name)) <= 49


def test_a_sentence_is_no_name_with_variants() -> None:
    sentence = "其中" * 2000
    assert variants(sentence) == (sentence,)
    assert core(sentence)
    assert alike(sentence, sentence) == 1.0
