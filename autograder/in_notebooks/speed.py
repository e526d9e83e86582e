"""What timing cells use: how many times as long as the reference a function takes, by stand-ins for the reference."""


# @title say_how_fast: times your functions
def _seconds(function, *args):
    """CPU time of one run: the average of as many as take a quarter of a second."""
    from time import thread_time

    start, runs = thread_time(), 0
    while not runs or thread_time() - start < 0.25:
        function(*args)
        runs += 1
    return (thread_time() - start) / runs


def say_how_fast(name, *args, limit, fast, plain):
    """Say what your function would earn for speed, if its answers are right.

    fast, plain: two pieces of work, one without and one with a Python loop, and how many times as long as our function
    each takes. So your function can be compared with ours on any machine, whatever is quick there and what is slow.
    """
    from sys import _getframe

    try:
        mine = _seconds(_getframe(1).f_globals[name], *args)  # the notebook's function of this name
    except (KeyError, NotImplementedError):
        print(f"{name}: not yet written")
        return
    except Exception as error:
        print(f"{name} could not be timed: {type(error).__name__}: {error}")
        return
    from math import log

    quick, slow = _seconds(fast[0]), _seconds(plain[0])
    ratio = fast[1] * (plain[1] / fast[1]) ** (log(mine / quick) / log(slow / quick))
    points = "all points" if ratio <= limit else "half of the points" if ratio <= 2 * limit else "no points"
    near = limit / 1.5 < ratio < limit * 3
    least = min(10, limit // 3)  # below, it is all the same
    times = f"about {ratio:.0f}" if ratio >= least else f"less than {least}"
    right = "" if ratio > 2 * limit else ", if its answers are right"
    print(f"{name}: {times} times as long as ours, {points} for speed{right}")
    if near:
        print(f"That is near {limit} or {2 * limit} times, where the points change: graded, it may come out otherwise.")
