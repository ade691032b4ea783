"""Updates whose answers are lost, and that arrive at once, late or never, while their origin is edited on and on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync import Policy
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault

NO_VERSIONS = {"update": {"headers": {}}}
FATES = st.sampled_from(
    [
        None,
        (Fault.LOST_BEFORE, {}),
        (Fault.LOST_AFTER, {}),
        *((Fault.LATE_COMMIT, {"seconds": seconds}) for seconds in (40, 130, 290)),
    ]
)
EDITS = st.dictionaries(st.sampled_from(["phone", "fax"]), st.sampled_from("1234"), min_size=1)
STEPS = st.lists(st.tuples(EDITS, FATES, st.sampled_from([1, 61, 122])), min_size=1, max_size=9)


@pytest.mark.parametrize("side", Side)
def test_what_people_entered_last_stands(open_town, some, side):
    """Where people edit one side only, both show their last value in the end, whatever became of each update."""

    @some(25)
    @given(STEPS)
    def law(steps):
        with open_town(policy=Policy(max_flips=1000), pms_profile=NO_VERSIONS) as town:
            wave_id = town.wave_box.add({"name": "Ada", "phone": "0", "fax": "0"})
            town.settle()
            ids = {Side.WAVE: wave_id, Side.PMS: town.linked()[wave_id]}
            last = {"phone": "0", "fax": "0"}
            for edit, fate, pause in steps:
                last |= edit
                town.box(side.other).edit(ids[side.other], edit)
                if fate is not None:
                    town.box(side).faults.add(fate[0], on="update", **fate[1])
                town.clock.advance(pause)
                town.run()
                town.box(side).faults.clear()

            town.settle()

            for each in Side:
                row = town.box(each).customers[ids[each]]
                assert {name: row[name] for name in last} == last
            assert list(town.links.scan(Intent)) == []
            town.check_settled()

    law()
