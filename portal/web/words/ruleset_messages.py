"""What is found in score tables and in tables of units, in words.

It imports no settings and no tables: `portal rules` speaks these sentences, too.
"""

from collections.abc import Mapping

from portal.texts import N_, gettext

SENTENCES: Mapping[str, str] = {
    # the text
    "toml": N_("This text is not TOML."),
    "too-deep": N_("A name with more than 16 parts, or brackets nested deeper than that: no score table needs them."),
    "not-utf8": N_("The encoding of this text is not UTF-8."),
    "missing-key": N_("This key is missing."),
    "unknown-key": N_("There is no such key; is it misspelt?"),
    "not-str": N_("Write text in quotes."),
    "not-bool": N_("Write “true” or “false”."),
    "not-list": N_("Write a list."),
    "not-dict": N_("Write a table."),
    "not-date": N_("Write a date without quotes, such as 2027-03-21."),
    "not-count": N_("Write a whole number within the allowed range."),
    "not-number": N_("Write a number."),
    "not-positive": N_("The value must be above zero."),
    "not-pair": N_("Write a pair: [lower bound, result]."),
    "not-name": N_("A name has only letters, digits, - and _."),
    "not-grade": N_("A grade is a whole number or a short label."),
    "empty": N_("The value must not be empty."),
    "too-long": N_("This is too long."),
    "control-character": N_("There is a control character here, such as a line break or a tab."),
    "id-like-digest": N_("This looks like the digest of a score table; give the table a name of its own."),
    "too-large": N_("This number is too large."),
    "too-many-decimals": N_("A number has at most six decimals."),
    # the table
    "bands-or-values": N_("A criterion has either “bands” or “values”."),
    "statistic-needs-years-and-bands": N_("“statistic” goes together with “years” and “bands”."),
    "unknown-statistic": N_("The only “statistic” is “mean”."),
    "unknown-outcome": N_("Outcomes are “raised”, “unchanged”, “lowered” and “refused”."),
    "unknown-grade": N_("This grade is not in the list of grades."),
    "grade-twice": N_("This grade appears twice."),
    "name-twice": N_("Another criterion reads the same column."),
    "overlap": N_("Two bands begin at the same bound: they overlap."),
    "not-ascending": N_("Lower bounds must ascend."),
    "weights-do-not-add-up": N_("The weights do not add up to 1 or 100."),
    "gap-below-first-band": N_("Values below the first band have no points."),
    "fewer-points-for-more": N_("More of this criterion gives fewer points."),
    "band-without-effect": N_("This band gives the same points as the one below it."),
    "lower-grade-for-more": N_("More points give a lower grade."),
    "grade-without-cutoff": N_("No cut-off gives this grade."),
    "totals-below-first-cutoff": N_("Some totals are below the first cut-off and have no grade."),
    "grade-out-of-reach": N_("No total reaches this grade, or none stays in it."),
    "odd-date": N_("This date is too far away."),
    "unshowable-date": N_("The portal’s Solar Hijri calendar has no such date."),
    "effective-in-past": N_("This date is past: such a table cannot be published."),
    "no-title-fa": N_("There is no Persian title."),
    "no-title-en": N_("There is no English title."),
    "not-declared": N_("No declaration has a value with this name."),
    "value-not-declared": N_("Some declarable values of this criterion have no points here."),
    "not-our-grade": N_("The portal’s grades are the whole numbers from 1 to 12."),
    "grades-not-ascending": N_("In the portal 1 is the lowest grade and 12 the highest; list the lowest first."),
    # a row
    "no-header": N_("The first row with the column names is missing."),
    "no-column": N_("This column is missing."),
    "column-twice": N_("Two columns have this name."),
    "not-csv": N_("This row is not CSV: a quote is not closed, or is misplaced."),
    "too-few-cells": N_("This row has fewer cells than the first one."),
    "too-many-cells": N_("This row has more cells than the first one."),
    "id-twice": N_("This identifier has already been scored."),
    "missing": N_("The value is missing."),
    "not-a-number": N_("This is not a plain number."),
    "too-many": N_("There are too many amounts."),
    "unknown-word": N_("The table does not know this word."),
    "below-first-band": N_("This is below the first band."),
    "unknown-town": N_("The register has no such municipality."),
    "many-towns": N_("Several municipalities have this name: give the code."),
    "town-twice": N_("This municipality is already listed."),
    "not-a-population": N_("A population is a whole number of persons."),
    "not-a-census-year": N_("A census year is a Solar Hijri year, such as 1395."),
    "not-a-day": N_("A date is written year/month/day, such as 1400/10/23."),
}


def sentence(code: str) -> str:
    """The sentence for a finding's `code`, in the current locale."""
    return gettext(SENTENCES[code])
