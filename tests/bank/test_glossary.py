"""Terms are found whole: the longest wins, plurals and spellings are one; a word of two terms goes by the English."""

from __future__ import annotations

from pathlib import Path

from app.bank.glossary import Glossary, Term, load_glossary
from app.bank.schema import Text
from app.settings import ROOT

GLOSSARY = Glossary(
    (
        Term(en="stride", zh="步幅", avoid=("步长",)),
        Term(en="step size", zh="步长"),
        Term(en="pointwise convolution", zh="逐点卷积", avoid=("点卷积",)),
        Term(en="batch normalisation", zh="批归一化", abbr=("BN",)),
        Term(en="max pooling", zh="最大池化", also=("取最大值",)),
        Term(en="pooling", zh="池化"),
        Term(en="feature map", zh="特征图", avoid=("特征映射",), keep={"特征映射到": "a verb there"}),
    )
)


def avoided(en: str, zh: str) -> list[tuple[int, str, str]]:
    return [(offset, variant, term.zh) for offset, variant, term in GLOSSARY.avoided_in(Text(en=en, zh=zh))]


def test_a_variant_is_found_where_it_stands() -> None:
    assert avoided("a map", "用点卷积") == [(1, "点卷积", "逐点卷积")]


def test_the_longest_match_wins() -> None:
    assert avoided("a map", "逐点卷积") == []
    assert [term.en for term in GLOSSARY.terms_in("Max-pooling, then pooling")] == ["max pooling", "pooling"]
    assert [term.en for term in GLOSSARY.terms_in("max pooling")] == ["max pooling"]


def test_another_terms_own_word_is_wrong_only_for_this_term() -> None:
    assert avoided("a stride of 2", "步长为 2") == [(0, "步长", "步幅")]
    assert avoided("a step size of 2", "步长为 2") == []
    assert avoided("stride and step size", "步幅与步长") == []


def test_a_kept_phrase_is_no_variant() -> None:
    assert avoided("maps features", "把特征映射到类别") == []
    assert avoided("a feature map", "特征映射的大小") == [(0, "特征映射", "特征图")]


def test_plurals_and_both_spellings_are_one_term() -> None:
    assert [term.zh for term in GLOSSARY.terms_in("Batch normalization of feature maps")] == ["批归一化", "特征图"]


def test_a_term_is_said_by_its_chinese_its_abbreviation_or_its_english() -> None:
    term = GLOSSARY.terms_in("batch normalisation")[0]
    assert all(term.is_said_in(zh) for zh in ("批*归一化*层", "BN 层", "Batch Normalization 层"))
    assert not term.is_said_in("归一化层")


def test_an_entry_that_contradicts_itself_or_stands_twice_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("- {en: stride, zh: 步幅}\n- {en: Stride, zh: 步长}\n", encoding="utf-8")
    (doubled,) = load_glossary(tmp_path)[1]
    assert (doubled.line, doubled.column, doubled.message) == (2, 4, "'Stride' stands here twice")
    (tmp_path / "glossary.yaml").write_text("- {en: stride, zh: 步幅, avoid: [步幅]}\n", encoding="utf-8")
    glossary, (finding,) = load_glossary(tmp_path)
    assert (finding.line, "both used and avoided" in finding.message) == (1, True)
    assert glossary.terms == ()


def test_the_banks_glossary_is_sound_and_large() -> None:
    glossary, findings = load_glossary(ROOT / "questions")
    assert findings == []
    assert len(glossary.terms) >= 200
