"""Tell each profile's story in order of time: rows come in, attempts fall due, sends go out."""

from __future__ import annotations

from omnilab.cascade import codes
from omnilab.cascade._heap import INDEX, NONE, insert, next_one, put_back
from omnilab.cascade._parts import Parts, sort_part
from omnilab.cascade._rows import ALL_CHANNELS, RECEIPTS_TABLE, SIGNAL_ROW
from omnilab.cascade._send import attempt, finish, resume
from omnilab.cascade._wheel import link, next_tick, unlink
from omnilab.cascade.plan import MAX_STEPS
from omnilab.cascade.state import (
    BEFORE_BITS,
    CONVERTED,
    FAILS,
    FLAGS,
    GROWTH,
    HEAD,
    KIND_BITS,
    LAST_AT,
    LATE,
    N_FINALS,
    N_REJECTED,
    N_SENDS,
    NO_DUE,
    NO_PROFILE,
    ORIGIN,
    PENDING,
    REPEATED,
    SAME,
    SUPPRESS_BOUNCED,
    SUPPRESSED_FLAG,
    TICK,
    WAITING,
    WINS,
    WINS_FIRST,
    WITHDRAWN,
    Ints,
    Record,
    Records,
    Rules,
    Words,
)
from omnilab.kernels.compiling import inlined, uncounted_kernel
from omnilab.kernels.unchecked import wide

__all__ = ["decide"]

ENDED = -2
WAITS = -3  # a receipt of a send that may still come in the same second
SINCE = (1 << 32) - 1  # seconds since the origin, in an event's `when`


@uncounted_kernel
def decide(
    todo: Ints,
    parts: Parts,
    starts: Ints,
    woken: Ints,
    first_place: int,
    until: int,
    messages: Records,
    profiles: Words,
    heads: Words,
    rules: Rules,
    counts: Ints,
    sends: Records,
    finals: Records,
    rejected: Ints,
    heap: Records,
) -> bool:
    """Decide all events, and all that is due before `until`, profile by profile.

    Parameters
    ----------
    todo
        Part in hand (-1 at first), next event of it, next start, next woken profile; moved on.
    parts
        Rows of `take_events`.
    starts
        `when` of starts, sorted, and a last one behind all profiles.
    woken
        Profiles for which something is due, ascending, and a last one behind all.
    first_place
        Place of the first start's message.
    until
        Seconds since the origin, exclusive.
    messages, profiles, heads, rules
        The engine's state.
    counts, sends, finals, rejected
        The answer.
    heap
        Room to work in.

    Returns
    -------
    bool
        Whether all is done; otherwise there was no room left for the next profile: call again
        with more.
    """
    near = parts.near[0]
    part, i, s, w = todo[0], todo[1], todo[2], todo[3]
    n_events = near.size
    while True:
        code = min(near[i]["when"] >> 32, starts[s] >> 32, woken[w])
        if part < 0 or code == NO_PROFILE or code >> parts.lower > part:  # the next part
            part += 1
            if part == parts.ends.size - 1:
                return True
            n_events = sort_part(parts, part, near, 0)
            near[n_events]["when"] = NO_PROFILE << 32
            i = 0
            continue
        begin = code << 32
        profile = profiles[code & INDEX]
        last_start = s
        while starts[last_start & INDEX] >> 32 == code:
            last_start += 1
        size, first, what = _load(profile[HEAD], messages, rules.plans, heap)
        # No message of the profile can send more than 8 times or end twice, and only a receipt
        # can put a message into the heap that is in it already.
        most = size + 1 + last_start - s
        todo[0], todo[1], todo[2], todo[3] = part, i, s, w
        if size < 0 or most + n_events >= heap.size or counts[N_FINALS] + most > finals.size:
            return False
        if counts[N_SENDS] + MAX_STEPS * most > sends.size:
            return False
        if woken[w] == code:
            w += 1
        unlink(profiles, heads, code)
        # Receipts of this second that no send explains yet wait at near[base ..] until all that
        # is due in the second is decided, which is what `bound` says.
        waiting, base, bound, n_sends, settled = 0, 0, until, 0, -1
        while True:
            due = min(min(first >> 8, bound), starts[s & INDEX] - begin)
            # Events come before what is due in the same second, but for receipts of its sends.
            while near[i & INDEX]["when"] <= begin + due:
                at, event = near[i & INDEX]["when"] - begin, near[i & INDEX]["what"]
                i += 1
                if event & 255 >= SIGNAL_ROW:
                    _signal(at, profile, (event & 255) - SIGNAL_ROW, (event >> 8) & 255)
                    continue
                place = (event >> 16) & INDEX
                message = messages[place]
                again = _receive(
                    at, event, at == settled, message, profile, rules, counts, finals, rejected
                )
                if again >= 0:
                    entry = _entry(place, again, message, rules.plans)
                    size, first, what = insert(heap, size, first, what, *entry)
                    due = min(due, again)
                elif again == ENDED and what & INDEX == place:
                    size, first, what = next_one(heap, size)
                    due = min(min(first >> 8, bound), starts[s & INDEX] - begin)
                elif again == WAITS:
                    if waiting == 0:
                        base, bound, n_sends = i - 1, at, counts[N_SENDS]
                        due = min(due, bound)
                    _copy(near, i - 1, base + waiting)
                    waiting += 1
            if due >= bound:
                if bound == until:
                    break
                if min(first >> 8, starts[s & INDEX] - begin) > bound:
                    # Nothing else is sent in this second. Those that wait come in once more, and
                    # for the last time where nothing has been sent meanwhile.
                    if counts[N_SENDS] == n_sends:
                        settled = bound
                    for k in range(1, waiting + 1):
                        _copy(near, base + waiting - k, i - k)
                    i -= waiting
                    waiting, bound = 0, until
                    continue
            start = starts[s & INDEX]
            if start <= begin + due < min(begin + (first >> 8), starts[(s + 1) & INDEX]):
                # A start and nothing else is due: it needs no place in the queue.
                place = (first_place + s) & INDEX
                message = messages[place]
                s += 1
                again = attempt(due, message, 0, 0, profile, rules, counts, sends, finals)
                if again >= 0:
                    entry = _entry(place, again, message, rules.plans)
                    size, first, what = insert(heap, size, first, what, *entry)
                continue
            while starts[s & INDEX] <= begin + due:
                place = (first_place + s) & INDEX
                entry = _entry(place, due, messages[place], rules.plans)
                size, first, what = insert(heap, size, first, what, *entry)
                s += 1
            message = messages[what & INDEX]
            again = -1
            if message["due"] == due:  # else it has ended or waits for something else
                again = resume(due, message, profile, rules, counts, sends, finals)
            if again >= 0:
                first, what = put_back(heap, size, (again << 8) | (first & 255), what)
            else:
                size, first, what = next_one(heap, size)
        for k in range(base, base + waiting):  # the second `until`, which isn't over
            _keep(near[k & INDEX], messages, rules.policy, counts, rejected)
        if first != NONE:
            size, first, what = insert(heap, size, -1, -1, first, what)  # all into the heap
        _note_last(counts, sends, finals)
        wake = _store(profile, size, first_place + s, first_place + last_start, messages, heap)
        if wake != NO_DUE:
            link(profiles, heads, code, wake)
        s = last_start


@inlined
def _note_last(counts: Ints, sends: Records, finals: Records) -> None:
    """Note how late the answer's rows are: a profile's last send and final status are its last."""
    if counts[N_SENDS] > 0:
        counts[LAST_AT] = max(counts[LAST_AT], wide(sends[(counts[N_SENDS] - 1) & INDEX]["at"]))
    if counts[N_FINALS] > 0:
        counts[LAST_AT] = max(counts[LAST_AT], wide(finals[(counts[N_FINALS] - 1) & INDEX]["at"]))


@inlined
def _load(place: int, messages: Records, plans: Records, heap: Records) -> tuple[int, int, int]:
    """Queue a profile's open messages; the heap's size is -1 if there is no room."""
    size, first, what = 0, NONE, 0
    while place >= 0:
        if size >= heap.size:
            return -1, first, what
        message = messages[place & INDEX]
        entry = _entry(place, message["due"], message, plans)
        size, first, what = insert(heap, size, first, what, *entry)
        place = message["next"]
    return size, first, what


@inlined
def _store(
    profile: Words, size: int, start: int, last_start: int, messages: Records, heap: Records
) -> int:
    """Keep the open messages as the profile's list, and return its time to wake.

    These are in the heap, or are starts that haven't been looked at.
    """
    for k in range(size):
        messages[heap[k]["what"] & INDEX]["next"] = -2
    head = -1
    wake = NO_DUE
    for k in range(size):
        place = heap[k]["what"] & INDEX
        message = messages[place]
        # A message may be in the heap twice; -2 says that it isn't in the list yet.
        if message["due"] >= 0 and message["next"] == -2:
            message["next"] = head
            head = place
            wake = min(wake, message["due"])
    for place in range(start, last_start):
        message = messages[place]
        message["next"] = head
        head = place
        wake = min(wake, message["due"])
    profile[HEAD] = head
    return wake


@inlined
def _entry(place: int, due: int, message: Record, plans: Records) -> tuple[int, int]:
    """Return a message's entry: due time and priority, code and place."""
    first = (wide(due) << 8) | (255 - plans[message["plan"]]["priority"])
    return first, (wide(message["code"]) << 31) | place


@inlined
def _signal(at: int, profile: Words, kind: int, channel: int) -> None:
    """Change what is known of a profile; held and later sends are judged by it."""
    mask = (1 << 31) - 1 if channel == ALL_CHANNELS else 1 << channel
    if kind == codes.WITHDRAW:
        profile[WITHDRAWN] |= mask
    elif kind == codes.GIVE:
        profile[WITHDRAWN] &= ~mask
        if channel == ALL_CHANNELS:
            profile[FLAGS] &= ~SUPPRESSED_FLAG
    elif kind == codes.STOP_ALL:
        profile[FLAGS] |= SUPPRESSED_FLAG
    else:
        profile[CONVERTED] = at


@inlined
def _receive(
    at: int,
    receipt: int,
    last: bool,
    message: Record,
    profile: Words,
    rules: Rules,
    counts: Ints,
    finals: Records,
    rejected: Ints,
) -> int:
    """Take in one receipt; return when its message falls back, `ENDED`, `WAITS` or -1.

    `last` says that nothing more is sent in this second: a receipt of no send is refused.
    """
    plan, policy = rules.plans[message["plan"]], rules.policy
    kind, channel = receipt & 255, (receipt >> 8) & 255
    step = wide(plan["step"][channel])
    later = wide(message["sent"]) >> max(step, 0)  # bit 0: this step, others: later ones
    if step < 0 or not later & 1 or at < message["at"]:
        if at < message["at"]:  # its message starts later in this batch
            _reject(at + policy[ORIGIN], message, channel, codes.UNKNOWN_MESSAGE, counts, rejected)
            return -1
        if not last:
            return WAITS
        _withdraw(kind, channel, message, profile)
        _reject(at + policy[ORIGIN], message, channel, codes.NOT_SENT, counts, rejected)
        return -1
    _withdraw(kind, channel, message, profile)
    packed = wide(message["status"])
    before = (packed >> (3 * step)) & 7
    place = ((((step & 7) << BEFORE_BITS) | before) << KIND_BITS) | kind
    change = wide(rules.evidence[message["plan"], place])
    message["status"] = packed + ((change & GROWTH) << (3 * step))
    if policy[SUPPRESS_BOUNCED] and kind == codes.BOUNCE and change & GROWTH:
        profile[WITHDRAWN] |= 1 << channel
    counts[REPEATED] += (change >> SAME) & 1  # nothing that wasn't known
    counts[LATE] += (change >> WINS_FIRST) & (later > 1)
    # Won and still open: one comparison, since the processor guesses each by itself.
    won = (change >> WINS) & 1
    if message["due"] >= (1 - won) << 40:
        finish(at, message, codes.SUCCEEDED, codes.NO_REASON, step, counts, finals)
        return ENDED
    if (change >> FAILS) & 1:
        # Nobody waits for it any longer, if somebody did; what has ended stays so.
        if message["phase"] != PENDING or message["position"] != step or message["due"] < 0:
            return -1
        due = next_tick(at, policy[TICK])
        message["position"] = step + 1
        message["phase"] = WAITING
        message["due"] = due
        return due
    return -1


@inlined
def _withdraw(kind: int, channel: int, message: Record, profile: Words) -> None:
    """Withdraw a channel's consent, once, where a receipt says so."""
    if kind >= codes.UNSUBSCRIBE and not (message["unsubscribed"] >> channel) & 1:
        message["unsubscribed"] |= 1 << channel
        profile[WITHDRAWN] |= 1 << channel


@inlined
def _copy(near: Records, source: int, target: int) -> None:
    """Copy an event's row."""
    near[target & INDEX]["when"] = near[source & INDEX]["when"]
    near[target & INDEX]["what"] = near[source & INDEX]["what"]


@inlined
def _keep(row: Record, messages: Records, policy: Ints, counts: Ints, rejected: Ints) -> None:
    """Write down a receipt that the next batch decides, with its kind."""
    at, event = row["when"] & SINCE, row["what"]
    message = messages[(event >> 16) & INDEX]
    kept = codes.UNDECIDED + (event & 255)
    _reject(at + policy[ORIGIN], message, (event >> 8) & 255, kept, counts, rejected)


@inlined
def _reject(
    at: int, message: Record, channel: int, reason: int, counts: Ints, rejected: Ints
) -> None:
    """Write down a receipt that can't be."""
    k = counts[N_REJECTED]
    counts[N_REJECTED] = k + 1
    rejected[0, k] = RECEIPTS_TABLE
    rejected[1, k] = at
    rejected[2, k] = message["code"]
    rejected[3, k] = channel
    rejected[4, k] = reason
