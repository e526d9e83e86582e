"""What timing cells use: how many times as long as the reference a function takes, by stand-ins for the reference."""

from autograder.language import N_


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
        print(N_("{name}: not yet written").format(name=name))
        return
    except Exception as error:
        text = N_("{name} could not be timed: {type}: {error}")
        print(text.format(name=name, type=type(error).__name__, error=error))
        return
    from math import log

    quick, slow = _seconds(fast[0]), _seconds(plain[0])
    ratio = fast[1] * (plain[1] / fast[1]) ** (log(mine / quick) / log(slow / quick))
    least = min(10, limit // 3)  # below, it is all the same
    times = (N_("about {many}") if ratio >= least else N_("less than {many}")).format(many=round(max(ratio, least)))
    if ratio <= limit:
        text = N_("{name}: {times} times as long as ours, all points for speed, if its answers are right")
    elif ratio <= 2 * limit:
        text = N_("{name}: {times} times as long as ours, half of the points for speed, if its answers are right")
    else:
        text = N_("{name}: {times} times as long as ours, no points for speed")
    print(text.format(name=name, times=times))
    if limit / 1.5 < ratio < limit * 3:
        text = N_("That is near {all} or {half} times, where the points change: graded, it may come out otherwise.")
        print(text.format(all=limit, half=2 * limit))
