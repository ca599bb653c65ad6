"""Systems of codes: how a code is spelt, and what is above it.

Codes of one system differ in length: each begins with what generalizes it. Where a system has
levels that no code begins with, the chapters and blocks of ICD, these are ranges of codes.

Sources: WHO, ICD-10 (2019), and for what lies between its blocks ICD-10-CM and ICD-10-GM (2025);
ICD-9-CM (2014); WHO Collaborating Centre, Guidelines for ATC Classification (2024); Eurostat, NUTS
(2024); ILO, ISCO-08; Royal Mail, Programmers' Guide to the Postcode Address File.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anonify.base.meanings import read_meanings


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Blocks of the WHO, and between them what other editions have.
_ICD10_BLOCKS = _split("""
A00-A09 A15-A19 A20-A28 A30-A49 A50-A64 A65-A69 A70-A74 A75-A79 A80-A89 A90-A91 A92-A99 B00-B09
B10-B10 B15-B19 B20-B24 B25-B34 B35-B49 B50-B64 B65-B83 B85-B89 B90-B94 B95-B98 B99-B99 C00-C14
C15-C26 C30-C39 C40-C41 C43-C44 C45-C49 C50-C50 C51-C58 C60-C63 C64-C68 C69-C72 C73-C75 C76-C80
C81-C96 C97-C97 D00-D09 D10-D36 D37-D48 D49-D49 D50-D53 D55-D59 D60-D64 D65-D69 D70-D77 D78-D78
D80-D89 E00-E07 E08-E09 E10-E14 E15-E16 E20-E35 E36-E36 E40-E46 E50-E64 E65-E68 E70-E90 F00-F09
F10-F19 F20-F29 F30-F39 F40-F48 F50-F59 F60-F69 F70-F79 F80-F89 F90-F98 F99-F99 G00-G09 G10-G14
G20-G26 G30-G32 G35-G37 G40-G47 G50-G59 G60-G64 G65-G65 G70-G73 G80-G83 G89-G89 G90-G99 H00-H06
H10-H13 H15-H22 H25-H28 H30-H36 H40-H42 H43-H45 H46-H48 H49-H52 H53-H54 H55-H59 H60-H62 H65-H75
H80-H83 H90-H95 I00-I02 I05-I09 I10-I15 I16-I16 I20-I25 I26-I28 I30-I52 I60-I69 I70-I79 I80-I89
I95-I99 J00-J06 J09-J18 J20-J22 J30-J39 J40-J47 J60-J70 J80-J84 J85-J86 J90-J94 J95-J99 K00-K14
K20-K31 K35-K38 K40-K46 K50-K52 K55-K64 K65-K67 K68-K68 K70-K77 K80-K87 K90-K93 K94-K95 L00-L08
L10-L14 L20-L30 L40-L45 L49-L49 L50-L54 L55-L59 L60-L75 L76-L76 L80-L99 M00-M03 M04-M04 M05-M14
M15-M19 M20-M25 M26-M27 M30-M36 M40-M43 M45-M49 M50-M54 M60-M63 M65-M68 M70-M79 M80-M85 M86-M90
M91-M94 M95-M99 N00-N08 N10-N16 N17-N19 N20-N23 N25-N29 N30-N39 N40-N51 N52-N53 N60-N64 N65-N65
N70-N77 N80-N98 N99-N99 O00-O08 O09-O09 O10-O16 O20-O29 O30-O48 O60-O75 O76-O77 O80-O84 O85-O92
O94-O99 P00-P04 P05-P08 P09-P09 P10-P15 P19-P19 P20-P29 P35-P39 P50-P61 P70-P74 P75-P78 P80-P83
P84-P84 P90-P96 Q00-Q07 Q10-Q18 Q20-Q28 Q30-Q34 Q35-Q37 Q38-Q45 Q50-Q56 Q60-Q64 Q65-Q79 Q80-Q89
Q90-Q99 R00-R09 R10-R19 R20-R23 R25-R29 R30-R39 R40-R46 R47-R49 R50-R69 R70-R79 R80-R82 R83-R89
R90-R94 R95-R99 S00-S09 S10-S19 S20-S29 S30-S39 S40-S49 S50-S59 S60-S69 S70-S79 S80-S89 S90-S99
T00-T07 T08-T14 T15-T19 T20-T25 T26-T28 T29-T32 T33-T35 T36-T50 T51-T65 T66-T78 T79-T79 T80-T88
T90-T98 U00-U49 U50-U52 U55-U55 U60-U61 U69-U69 U80-U89 U99-U99 V00-V00 V01-V09 V10-V19 V20-V29
V30-V39 V40-V49 V50-V59 V60-V69 V70-V79 V80-V89 V90-V94 V95-V97 V98-V99 W00-W19 W20-W49 W50-W64
W65-W74 W75-W84 W85-W99 X00-X09 X10-X19 X20-X29 X30-X39 X40-X49 X50-X57 X58-X59 X60-X84 X85-Y09
Y10-Y34 Y35-Y36 Y37-Y38 Y40-Y59 Y60-Y69 Y70-Y82 Y83-Y84 Y85-Y89 Y90-Y98 Y99-Y99 Z00-Z13 Z14-Z15
Z16-Z16 Z17-Z19 Z20-Z29 Z30-Z39 Z40-Z54 Z55-Z65 Z66-Z66 Z67-Z67 Z68-Z68 Z69-Z69 Z70-Z76 Z77-Z79
Z80-Z99
""")
# Categories with a letter of ICD-10-CM that do not belong to the block before them.
_ICD10_MOVED = {
    "C4A": "C43-C44",
    "C7A": "C7A-C7A",
    "C7B": "C7B-C7B",
    "D3A": "D3A-D3A",
    "M1A": "M05-M14",
}
_ICD10_CHAPTERS = _split("""
A00-B99 C00-D49 D50-D89 E00-E90 F00-F99 G00-G99 H00-H59 H60-H95 I00-I99 J00-J99 K00-K95 L00-L99
M00-M99 N00-N99 O00-O9A P00-P96 Q00-Q99 R00-R99 S00-T98 U00-U99 V00-Y99 Z00-Z99
""")
_ICD9_CHAPTERS = _split("""
001-139 140-239 240-279 280-289 290-319 320-389 390-459 460-519 520-579 580-629 630-679 680-709
710-739 740-759 760-779 780-799 800-999 E000-E999 V01-V91
""")
_NUTS_COUNTRIES = _split("""
AL AT BA BE BG CH CY CZ DE DK EE EL ES FI FR HR HU IE IS IT LI LT LU LV ME MK MT NL NO PL PT RO
RS SE SI SK TR UA UK XK
""")
_NUTS_OTHER = {"GR": "EL", "GB": "UK"}
_UK_AREAS = _split("""
AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT
DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE
LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM
SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE ZZ
""")

_ICD10 = re.compile(
    # Dagger, asterisk and the marks of ICD-10-GM at the end, and what says that there are further
    # digits.
    r"([A-Z]) ?([0-9][0-9A-Z])(?:[ .,]?([0-9A-Z]{1,4}))?[\s†‡+*#!]*(?:\.?[\s-]*)?[\s†‡+*#!]*"
)
_ICD9 = re.compile(r"([0-9]{1,3}|V[0-9]{2}|E[0-9]{3})(?:[.,]([0-9]{1,2})?)?")
_ICD9_UNDOTTED = re.compile(r"([0-9]{3}|V[0-9]{2}|E[0-9]{3})([0-9]{1,2})")
_ATC = re.compile("[ABCDGHJLMNPRSV](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?")
_NUTS = re.compile("([A-Z]{2})([0-9A-Z]{0,3})")
_ISCO = re.compile("[0-9]{1,4}")
_OUTWARD = r"([A-Z]{1,2})([0-9][0-9A-Z]?)"
_UK = tuple(
    map(re.compile, (rf"{_OUTWARD} ?([0-9])([A-Z]{{2}})", _OUTWARD, rf"{_OUTWARD} ?([0-9])"))
)


@dataclass(frozen=True)
class System:
    """A system of codes.

    Parameters
    ----------
    title : as a sentence names it.
    levels : what its levels are, from narrow to wide.
    spell : returns how the system writes a code, whatever its spelling; None for what is no code.
    cut : returns for a code so written what is above it on each level; a code that is not longer
        than a level is itself there.
    mark : what follows a beginning of codes, to tell it from a code.
    """

    title: str
    levels: tuple[str, ...]
    spell: Callable[[str], str | None]
    cut: Callable[[str], list[str]]
    mark: Callable[[str], str] = "{}*".format


def spell_code(system: str, text: str) -> str | None:
    """Return how a system of :data:`SYSTEMS` writes a code; None for what is no code of it.

    >>> [spell_code("icd10", text) for text in ("e11.9", "E119", "E11.9 ", "E11.-", "M90.7*")]
    ['E11.9', 'E11.9', 'E11.9', 'E11', 'M90.7']
    >>> spell_code("uk_postcode", "sw1a1aa"), spell_code("atc", "a10 ba02"), spell_code("nuts", "D")
    ('SW1A 1AA', 'A10BA02', None)
    """
    return SYSTEMS[system].spell(read_meanings(text)[1].upper())


def label_codes(system: str, codes: Sequence[str]) -> list[list[str]]:
    """Return for each level the label of each code of a table.

    A label is a range, or a beginning of codes and ``*``. A code that is no longer than the level
    stays as it is, unless it is the beginning of another one.

    Parameters
    ----------
    codes : of the system, in any spelling.

    >>> label_codes("uk_postcode", ["M1", "M1 1AE", "BA2"])
    [['M1', 'M1 1*', 'BA2'], ['M1 *', 'M1 *', 'BA2'], ['M*', 'M*', 'BA*']]
    """
    chosen = SYSTEMS[system]
    spelt = [spell_code(system, code) or code for code in codes]
    levels = zip(*(chosen.cut(code) for code in spelt), strict=True)
    labelled = []
    for cuts in levels:
        begun = {cut for cut, code in zip(cuts, spelt, strict=True) if cut != code}
        labelled.append(
            [chosen.mark(cut) if cut in begun and "-" not in cut else cut for cut in cuts]
        )
    return labelled or [[] for _ in chosen.levels]


def _find_range(ranges: Sequence[str], code: str) -> str | None:
    """Return the range that a code lies in; ``ranges`` are sorted."""
    place = bisect_right([each.partition("-")[0] for each in ranges], code) - 1
    return ranges[place] if place >= 0 and code <= ranges[place].partition("-")[2] else None


def _find_block(category: str) -> str | None:
    if category in _ICD10_MOVED:
        return _ICD10_MOVED[category]
    if category[2].isdigit():
        return _find_range(_ICD10_BLOCKS, category)
    # A category with a letter, such as I1A and O9A, follows those with digits.
    last, first = f"{category[:2]}9", f"{category[:2]}0"
    return _find_range(_ICD10_BLOCKS, last) or _find_range(_ICD10_BLOCKS, first)


def _spell_icd10(text: str) -> str | None:
    match = _ICD10.fullmatch(text)
    if match is None or _find_block(category := match[1] + match[2]) is None:
        return None
    further = match[3] or ""
    # Some write X where there are no further digits.
    return f"{category}.{further}" if further.strip("X") else category


def _cut_icd10(code: str) -> list[str]:
    category = code[:3]
    block, chapter = _find_block(category), _find_range(_ICD10_CHAPTERS, category)
    return [code[:5], category, block or category, chapter or category]


def _spell_icd9(text: str) -> str | None:
    match = _ICD9.fullmatch(text) or _ICD9_UNDOTTED.fullmatch(text)
    if match is None:
        return None
    # Numbers lose leading zeros.
    category, further = match[1].zfill(3), match[2]
    if _find_range(_ICD9_CHAPTERS, category) is None:
        return None
    return f"{category}.{further}" if further else category


def _cut_icd9(code: str) -> list[str]:
    category = code.partition(".")[0]
    return [code[: len(category) + 2], category, _find_range(_ICD9_CHAPTERS, category) or category]


def _spell_atc(text: str) -> str | None:
    code = re.sub("[ .-]", "", text)
    return code if _ATC.fullmatch(code) else None


def _spell_nuts(text: str) -> str | None:
    match = _NUTS.fullmatch(text.replace(" ", ""))
    if match is None:
        return None
    country = _NUTS_OTHER.get(match[1], match[1])
    return country + match[2] if country in _NUTS_COUNTRIES else None


def _spell_uk(text: str) -> str | None:
    if text.replace(" ", "") == "GIR0AA":
        return "GIR 0AA"
    if text in _UK_AREAS:
        return text
    for pattern in _UK:
        match = pattern.fullmatch(text)
        if match and match[1] in _UK_AREAS:
            outward, inward = match[1] + match[2], "".join(match.groups()[2:])
            return f"{outward} {inward}".strip()
    return None


def _cut_uk(code: str) -> list[str]:
    outward, _, inward = code.partition(" ")
    area = re.sub("[0-9].*", "", outward)
    return [f"{outward} {inward[:1]}".strip(), outward, area]


def _mark_uk(cut: str) -> str:
    # A district is no beginning of another one: SW1 has nothing of SW11.
    is_district = " " not in cut and any(letter.isdigit() for letter in cut)
    return f"{cut} *" if is_district else f"{cut}*"


def _cut_to(*lengths: int) -> Callable[[str], list[str]]:
    return lambda code: [code[:length] for length in lengths]


SYSTEMS = {
    "icd10": System(
        "ICD-10", ("four characters", "category", "block", "chapter"), _spell_icd10, _cut_icd10
    ),
    "icd9cm": System("ICD-9-CM", ("four digits", "category", "chapter"), _spell_icd9, _cut_icd9),
    "atc": System(
        "ATC",
        ("chemical group", "pharmacological group", "therapeutic group", "anatomical group"),
        _spell_atc,
        _cut_to(5, 4, 3, 1),
    ),
    "nuts": System("NUTS", ("NUTS 2", "NUTS 1", "country"), _spell_nuts, _cut_to(4, 3, 2)),
    "uk_postcode": System(
        "UK postcodes", ("sector", "district", "area"), _spell_uk, _cut_uk, _mark_uk
    ),
    "isco": System(
        "ISCO-08",
        ("minor group", "sub-major group", "major group"),
        lambda text: text if _ISCO.fullmatch(text) else None,
        _cut_to(3, 2, 1),
    ),
}
"""The systems by name, as a description has them."""
