"""Where experiments do their work: on the threads of this process, or on workers elsewhere.

`executor` has the seam: experiments give it a function and what it is to be called with, and know
nothing of where that happens. `cluster` alone knows Dask. `wire` makes bytes of scenarios and
strategies with their code, `door` says whether a worker may take part, and `ranges` is what a
comparison has done: ranges of customers, of any replication.
"""

from omnilab.experiment.workers.executor import Beat, Executor, Threads, executor_for, work_on

__all__ = ["Beat", "Executor", "Threads", "executor_for", "work_on"]
