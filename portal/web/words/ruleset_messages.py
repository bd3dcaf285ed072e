"""What is found in score tables and in tables of units, in words.

It imports no settings and no tables: `portal rules` speaks these sentences, too.
"""

from collections.abc import Mapping

from portal.texts import N_, gettext

SENTENCES: Mapping[str, str] = {
    # the text
    "toml": N_("This is no TOML."),
    "too-deep": N_("A name of more than 16 parts, or brackets deeper than that: no score table needs them."),
    "not-utf8": N_("These bytes are no UTF-8."),
    "missing-key": N_("This key is missing."),
    "unknown-key": N_("There is no such key; is it misspelt?"),
    "not-str": N_("This must be text in quotes."),
    "not-bool": N_("This must be true or false."),
    "not-list": N_("This must be a list."),
    "not-dict": N_("This must be a table."),
    "not-date": N_("This must be a date without quotes, such as 2027-03-21."),
    "not-count": N_("This must be a whole number within the allowed bounds."),
    "not-number": N_("This must be a number."),
    "not-positive": N_("This must be above zero."),
    "not-pair": N_("This must be a pair: [lower bound, result]."),
    "not-name": N_("A name has letters, digits, - and _ alone."),
    "not-grade": N_("A grade is a whole number or a short label."),
    "empty": N_("This must not be empty."),
    "too-long": N_("This is too long."),
    "control-character": N_("A character here is not for reading: a control character, such as a line break or a tab."),
    "id-like-digest": N_("This looks like the digest of a score table; give it a name of its own."),
    "too-large": N_("This number is too large."),
    "too-many-decimals": N_("A number has at most six decimals."),
    # the table
    "bands-or-values": N_("A criterion has either bands or values."),
    "statistic-needs-years-and-bands": N_("A statistic goes with years, and with bands."),
    "unknown-statistic": N_("The only statistic is mean."),
    "unknown-outcome": N_("Outcomes are raised, unchanged, lowered and refused."),
    "unknown-grade": N_("This grade is not in the list of grades."),
    "grade-twice": N_("This grade stands there twice."),
    "name-twice": N_("Another criterion reads the same column."),
    "overlap": N_("Two bands begin at the same bound: they overlap."),
    "not-ascending": N_("Lower bounds must ascend."),
    "weights-do-not-add-up": N_("The weights do not add up to 1 or 100."),
    "gap-below-first-band": N_("Values below the first band have no points."),
    "fewer-points-for-more": N_("More of this criterion gives fewer points."),
    "band-without-effect": N_("This band gives the same points as the one below it."),
    "lower-grade-for-more": N_("More points give a lower grade."),
    "grade-without-cutoff": N_("No cutoff gives this grade."),
    "totals-below-first-cutoff": N_("Some totals lie below the first cutoff and have no grade."),
    "grade-out-of-reach": N_("No total reaches this grade, or none stays in it."),
    "odd-date": N_("This date is far from our days."),
    "unshowable-date": N_("The Solar Hijri calendar of this portal has no such day."),
    "effective-in-past": N_("This day is past: such a table cannot be published."),
    "no-title-fa": N_("There is no Persian title."),
    "no-title-en": N_("There is no English title."),
    "not-declared": N_("No declaration holds a value of this name."),
    "value-not-declared": N_("Declared values of this criterion have no points here."),
    "not-our-grade": N_("The portal's grades are the whole numbers from 1 to 12."),
    "grades-not-ascending": N_("In the portal 1 is the lowest grade and 12 the highest; list the lowest first."),
    # a row
    "no-header": N_("There is no first row with the names of the columns."),
    "no-column": N_("This column is missing."),
    "column-twice": N_("Two columns have this name."),
    "not-csv": N_("This row is no CSV: a quote is not closed, or stands where it may not."),
    "too-few-cells": N_("This row has fewer cells than the first one."),
    "too-many-cells": N_("This row has more cells than the first one."),
    "id-twice": N_("This id has been scored already."),
    "missing": N_("There is no value."),
    "not-a-number": N_("This is no plain number."),
    "too-many": N_("There are too many amounts."),
    "unknown-word": N_("The table does not know this word."),
    "below-first-band": N_("This lies below the first band."),
    "unknown-town": N_("The register has no such municipality."),
    "many-towns": N_("Several municipalities have this name: give the code."),
    "town-twice": N_("This municipality stands there already."),
    "not-a-population": N_("A population is a whole number of persons."),
    "not-a-census-year": N_("A census year is a Solar Hijri year, such as 1395."),
    "not-a-day": N_("A day is written year/month/day, such as 1400/10/23."),
}


def sentence(code: str) -> str:
    """The sentence for a finding's `code`, in the current locale."""
    return gettext(SENTENCES[code])
