"""Numbers of files that hold them in binary form, as texts."""

# From here on whole numbers are not all floating-point numbers.
_EXACT = 2.0**63


def write_number(number: float, digits: int = 1) -> str:
    """Return a number as short as it reads back the same; a whole one without a point.

    Parameters
    ----------
    digits : that a whole number has at least, zeros in front.

    >>> write_number(5.0), write_number(70.1), write_number(1067, 5), write_number(-0.0)
    ('5', '70.1', '01067', '0')
    """
    if isinstance(number, int) or (number.is_integer() and abs(number) < _EXACT):
        return f"{int(number):0{digits}}"
    return repr(float(number))
