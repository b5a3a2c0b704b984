"""Whatever is claimed is believed.

Loses: right slopes pass, and wrong ones are found.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    return True
