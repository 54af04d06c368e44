# SPDX-License-Identifier: GPL-2.0
"""Draw the direct map before, at the peak and after, stock beside ours.

Each cell of a map is 2 MiB of physical memory; where there is none at boot,
none is drawn.
"""

import matplotlib
from matplotlib import colors, patches
from matplotlib import pyplot

matplotlib.use("Agg")

KERNELS = ("stock", "graft")
STAGES = (("boot", "at boot"), ("peak", "at the peak"), ("after", "after"))
COLUMNS = 64

# Letters are those of work/layout.c.
KINDS = (
    ("G", "1G leaf", "#1f4e79"),
    ("M", "2M leaf", "#8fb8de"),
    ("k", "4K leaves", "#f2a93b"),
    ("h", "4K leaves, some pages away", "#d1352b"),
    ("x", "4K table, all pages away", "#7a1f6b"),
    (".", "away as a whole", "#3c9d4e"),
    (" ", None, "#ffffff"),
)
LETTERS = "".join(letter for letter, _, _ in KINDS)


def blocks(sample, boot):
    """The letters of the blocks that are memory, as numbers."""
    layout = sample["layout"].ljust(len(boot["layout"]), ".")
    found = [LETTERS.index(letter) for letter, before in
             zip(layout, boot["layout"]) if before != "."]
    found += [LETTERS.index(" ")] * (-len(found) % COLUMNS)
    return [found[i:i + COLUMNS] for i in range(0, len(found), COLUMNS)]


def size(mib):
    return f"{mib / 1024:.3g} GiB" if mib >= 1024 else f"{mib} MiB"


def caption(sample):
    """What the leaves map; the kernel's own counters can be wrong."""
    sizes = ((name, 2 * sum(map(sample["layout"].count, letters)))
             for name, letters in (("4K", "khx"), ("2M", "M"), ("1G", "G")))
    return " · ".join(f"{name} {size(mib)}" for name, mib in sizes if mib)


def draw_map(axes, sample, boot):
    axes.set_xticks([])
    axes.set_yticks([])
    if not sample:
        axes.axis("off")
        return
    axes.imshow(blocks(sample, boot), interpolation="nearest", vmin=0,
                vmax=len(KINDS) - 1, aspect="equal",
                cmap=colors.ListedColormap([color for *_, color in KINDS]))
    axes.set_xlabel(caption(sample), fontsize=8, labelpad=3)
    for spine in axes.spines.values():
        spine.set_edgecolor("#999999")
        spine.set_linewidth(0.5)


def draw_kernel(figure, axes, found, names):
    """Three columns of maps, a row for each workload."""
    figure.suptitle(f"{found['name']}  (Linux {found['release']})",
                    fontsize=12)
    for row, name in zip(axes, names):
        samples = found["workloads"][name]
        for place, (stage, _) in zip(row, STAGES):
            draw_map(place, samples.get(stage), samples["boot"])
        row[0].set_ylabel(name, fontsize=11)
    for place, (_, title) in zip(axes[0], STAGES):
        place.set_title(title, fontsize=10)


def legend(figure):
    handles = [patches.Patch(facecolor=color, edgecolor="#999999", label=label)
               for _, label, color in KINDS if label]
    handles.insert(0, patches.Patch(alpha=0, label="each cell 2 MiB:"))
    figure.legend(handles=handles, loc="center", ncol=len(handles),
                  fontsize=10, frameon=False)


def draw(found, path):
    names = list(found["stock"]["workloads"])
    rows = len(blocks(*[found["stock"]["workloads"][names[0]]["boot"]] * 2))
    heights = [len(names) * (0.5 + rows * 2.5 / COLUMNS) + 0.6, 0.4]
    figure = pyplot.figure(figsize=(17, sum(heights)), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=heights)
    for half, kernel in zip(top.subfigures(1, 2, wspace=0.03), KERNELS):
        axes = half.subplots(len(names), len(STAGES), squeeze=False)
        draw_kernel(half, axes, {"name": kernel, **found[kernel]}, names)
    legend(bottom)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
