#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Check out the kernel that the graft began with: stock.py BUILD."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, os.pardir, "coccinelle"))

from kbuild import Kernels  # pylint: disable=wrong-import-position

Kernels(sys.argv[1]).check_out_stock()
