"""Fits of growth curves from Python: the functions of a C library in the package `datafusion`.

Compares the fits of the files that `million_growth_curves` wrote with fits by Python, to the bit.

    pip install datafusion==55.0.0 pyarrow
    python examples/python/growth.py target/release/examples/libgrowth_functions.so FOLDER
"""

import ctypes
import sys

from datafusion import SessionContext, udaf, udf

FITS = "SELECT g, fit_growth(array_agg(struct(subject, x, y))) AS fit FROM data GROUP BY g ORDER BY g"
PANEL = "SELECT growth_panel_fit(growth_panel(x, y)) AS fit FROM data WHERE g = 0"
STATES = """
    SELECT growth_panel_fit(growth_panel_merge(state)) AS fit
    FROM (SELECT growth_panel(x, y) AS state FROM data WHERE g = 0 GROUP BY subject)"""

# A capsule keeps the address of its name.
SCALAR, AGGREGATE = b"datafusion_scalar_udf", b"datafusion_aggregate_udf"


def capsule(library, function, name):
    """Returns the address that a function of the library returns, as a PyCapsule."""
    address = getattr(library, function)
    address.restype = ctypes.c_void_p
    new = ctypes.pythonapi.PyCapsule_New
    new.argtypes, new.restype = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p], ctypes.py_object
    return new(address(), name, None)


class Scalar:
    def __init__(self, library, function):
        self.capsule = capsule(library, function, SCALAR)

    def __datafusion_scalar_udf__(self):
        return self.capsule


class Aggregate:
    def __init__(self, library, function):
        self.capsule = capsule(library, function, AGGREGATE)

    def __datafusion_aggregate_udf__(self):
        return self.capsule


def register(context, path):
    """Registers the functions of the library."""
    library = ctypes.CDLL(path)
    for function in ["fit_growth", "growth_panel_fit"]:
        context.register_udf(udf(Scalar(library, function)))
    for function in ["growth_panel", "growth_panel_merge"]:
        context.register_udaf(udaf(Aggregate(library, function)))


def rows(context, query):
    return context.sql(query).to_arrow_table().to_pylist()


path, folder = sys.argv[1:]
context = SessionContext()
register(context, path)
context.register_parquet("data", f"{folder}/data")
context.register_parquet("fits", f"{folder}/fits")

found, expected = rows(context, FITS), rows(context, "SELECT g, fit FROM fits ORDER BY g")
# repr shows each bit of a number, and the sign of zero.
assert len(found) > 0 and repr(found) == repr(expected), "the fits differ"
print(f"{len(found)} fits have the bits of the files")

[of_rows], [of_states] = rows(context, PANEL), rows(context, STATES)
for one, other in zip(of_rows["fit"]["beta"], of_states["fit"]["beta"], strict=True):
    assert abs(one - other) < 1e-9 * abs(one), f"β is {one} by rows and {other} by states"
print(f"β of group 0 is {of_rows['fit']['beta']}, by rows and by states")
