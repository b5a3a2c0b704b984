"""Where the original code goes wrong: for each finding the test that it cannot come back, or why
it cannot arise here."""

import re
from pathlib import Path

import pytest

MODULES, TASKS = "layers/test_modules_findings.py", "test_tasks.py"

#: Each finding with its tests.
FINDINGS = {
    "1. containers raise NameError": f"{MODULES}::test_01_containers_can_be_built_and_inspected",
    "2. options of linear and convolutions": (
        f"{MODULES}::test_02_options_of_linear_and_convolutions"
    ),
    "3. batch norm without affine, momentum or counter": (
        f"{MODULES}::test_03_batch_norm_options_and_its_counter",
        "layers/test_resnet.py::state_dicts_load_strictly_both_ways",
    ),
    "4. arguments of parameters(), and copy()": (
        f"{MODULES}::test_04_arguments_of_parameters_and_copy"
    ),
    "5. casts leave no leaves": f"{MODULES}::test_05_casts_and_copies_leave_leaves",
    "6. a second step breaks": (
        f"{MODULES}::test_06_steps_can_follow_one_another_and_detach_leaves_trainable_weights"
    ),
    "7. tied weights come untied": f"{MODULES}::test_07_tied_weights_stay_tied",
    "8. ordinary children": f"{MODULES}::test_08_ordinary_children_with_parameters_are_updated_too",
    "9. the quadratic has no parameters": (
        f"{MODULES}::test_09_the_quadratic_optimizee_can_be_trained_by_the_baselines"
    ),
    "10. everything forces .cuda()": f"{MODULES}::test_10_nothing_moves_to_a_gpu_by_itself",
    "the ResNet's initialisation never fires": "layers/test_resnet.py::initial_weights",
    "11. the last update of a window is not trained": (
        "test_unroll.py::test_finding_11_the_last_update_of_a_window_is_trained"
    ),
    "12. the window is walked back at every step": (
        "test_unroll.py::test_finding_12_no_step_is_walked_back_through_twice"
    ),
    "13. the first recorded loss is overwritten": (
        "test_unroll.py::test_finding_13_recorded_losses_are_not_overwritten"
    ),
    "14. batch-norm statistics are not carried over": (
        f"{TASKS}::test_finding_14_batch_norm_statistics_are_carried_through_all_windows"
    ),
    "15. one-element tensors": "test_preprocess.py::test_any_shape_one_element_and_none",
    "16. rates, checkpoint and report on the same data, not paired, rates of other baselines": (
        "test_evaluation.py::test_rates_are_the_best_of_the_grid_on_other_functions",
        "test_evaluation.py::test_digits_report_on_images_that_neither_training_nor_tuning_saw",
        "test_evaluation.py::test_all_optimizers_meet_the_same_functions_in_batches",
        "test_data.py::test_mnist_comes_in_three_parts_that_share_nothing",
        "test_minimizers.py::test_baselines_against_their_formulas",
    ),
    "17. the images are decoded for every trajectory": (
        "test_data.py::test_finding_17_images_are_decoded_once"
    ),
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_every_finding_has_a_test(finding):
    tests = FINDINGS[finding]
    for test in (tests,) if isinstance(tests, str) else tests:
        file, _, name = test.partition("::")
        source = (Path(__file__).parent / file).read_text("utf-8")
        assert re.search(rf"^def {name}\(", source, re.MULTILINE), test


def test_no_finding_is_missing():
    numbers = [int(name.partition(".")[0]) for name in FINDINGS if name[0].isdigit()]
    assert numbers == list(range(1, 18))
