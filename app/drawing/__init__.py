"""What every drawing of ours is made with: a sheet of escaped SVG, text that is measured, round ticks, labels that keep
apart. Pictures of failing cases (`grading.pictures`) and figures of questions (`bank.figures`) stand on it; it knows
neither. Standard library alone, so that the bank loads without NumPy.
"""
