"""The register: provinces and municipalities under the Statistical Centre's nested codes."""

from piccolo.columns import BigSerial, Date, Integer, SmallInt, Timestamptz, Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check
from piccolo.table import Table

from portal.tables.columns import belongs_to


class Province(Table, tablename="provinces"):
    code = Varchar(length=2, primary_key=True, null=False)
    name = Varchar(length=60, null=False)
    sort_key = Varchar(length=120, null=False, index=True, help_text="the place of the name in the alphabet")


class Municipality(Table, tablename="municipalities"):
    """Names repeat across provinces: everything is keyed by `code`.

    `name`, `county` and `district` are as the register spells them; what people read are the `display_` columns.
    """

    code = Varchar(length=10, primary_key=True, null=False)
    name = Varchar(length=80, null=False)
    county = Varchar(length=80, null=False)
    county_code = Varchar(length=4, null=False)
    district = Varchar(length=80, null=False)
    district_code = Varchar(length=6, null=False)
    province = belongs_to(Province, null=False, index=True, index_method=IndexMethod.btree)
    display_name = Varchar(length=80, null=False, help_text="in its official spelling, with half-spaces")
    display_county = Varchar(length=80, null=False)
    display_district = Varchar(length=80, null=False)
    sort_key = Varchar(length=160, null=False, index=True, help_text="the place of `display_name` in the alphabet")
    search = Varchar(length=260, null=False, help_text="folded name and county, without spaces")
    grade = SmallInt(null=True, default=None, help_text="before the portal's own decisions, as the register has it")
    grade_notified_on = Date(null=True, default=None)


class CensusFigure(Table, tablename="census_figures"):
    """What a census counted in a town; one figure a town and year."""

    id = BigSerial(primary_key=True)
    municipality = belongs_to(Municipality, null=False, index=True)
    year = SmallInt(null=False, help_text="Solar Hijri")
    population = Integer(null=False, help_text="persons")
    loaded_at = Timestamptz(null=False)

    persons = Check("population >= 0", name="census_figures_population")
