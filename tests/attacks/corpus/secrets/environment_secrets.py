"""Look for secrets in the environment.

must: returned []
"""

import os


def f():
    expected = {
        "LANG",
        "LC_CTYPE",
        "HOME",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "LD_LIBRARY_PATH",
        "PWD",
    }
    return sorted(set(os.environ) - expected)
