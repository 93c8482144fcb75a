//! Parallel and Map: their branches and iterations run as strands of their own, and come together again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Run;
use super::strand::{Doing, Strand};
use crate::services::states::definition::{Definition, Kind, Notes};
use crate::services::states::map::{self, Iterations, Tolerance};
use crate::services::states::template::Scope;
use crate::services::states::{Failure, history};

/// Branches or iterations that run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FanOut {
    /// What is around the iterations of a Map; a Parallel state has none.
    map: Option<Around>,
    /// What has come of each so far.
    results: Vec<Option<Value>>,
    begun: usize,
    ended: usize,
    failed: usize,
}

/// What the iterations of a Map come from.
#[derive(Debug, Serialize, Deserialize)]
struct Around {
    input: Value,
    items: Vec<Value>,
    tolerance: Tolerance,
    /// Whether each item has an execution of its own at AWS: the history then tells of the whole run only.
    is_distributed: bool,
}

/// Whether a Map is a distributed one, as it says itself or, in its former shape, its processor.
fn is_distributed(state: &Value) -> bool {
    let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
    processor.is_some_and(|processor| processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED")
}

impl FanOut {
    fn of(count: usize, map: Option<Around>) -> Self {
        Self {
            map,
            results: vec![None; count],
            begun: 0,
            ended: 0,
            failed: 0,
        }
    }

    fn is_done(&self) -> bool {
        self.ended == self.results.len()
    }

    /// Whether so many failures are too many.
    fn has_failed(&self) -> bool {
        let tolerance = self.map.as_ref().map(|map| map.tolerance).unwrap_or_default();
        tolerance.is_exceeded(self.failed, self.results.len())
    }
}

/// The first state of a machine.
fn start_of(machine: &Value) -> String {
    machine["StartAt"].as_str().unwrap_or_default().to_owned()
}

impl Run<'_> {
    /// Begins every branch of a Parallel state.
    pub(super) fn branch(&mut self, mut strand: Strand, definition: &Definition<'_>, input: &Value) {
        self.follow(&mut strand, "ParallelStateStarted", None);
        let place = Self::place(&strand);
        let branches = definition.state["Branches"].as_array().map(Vec::as_slice);
        let branches = branches.unwrap_or_default();
        for (index, branch) in branches.iter().enumerate() {
            let machine = format!("{place}/Branches/{index}");
            let inner = strand.inner(index, machine, start_of(branch), input.clone(), strand.previous);
            self.runs(inner);
        }
        strand.doing = Doing::FannedOut(FanOut {
            begun: branches.len(),
            ..FanOut::of(branches.len(), None)
        });
        self.waits(strand, None);
    }

    /// Begins the iterations of a Map, as many as may run at once.
    pub(super) fn iterate(&mut self, mut strand: Strand, input: Value, iterations: Iterations) {
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        const UNSERVED: [&str; 3] = ["ItemReader", "ItemBatcher", "ResultWriter"];
        if let Some(field) = UNSERVED
            .iter()
            .find(|field| definition.state.get(**field).is_some())
        {
            return self.fail(
                strand,
                Failure::runtime(format!("{field} of a Map is not served here")),
            );
        }
        let count = iterations.items.len();
        self.follow(&mut strand, "MapStateStarted", history::map_started(count));
        let context = self.context(&strand, definition.kind);
        let tolerance = {
            let scope = Scope {
                input: &input,
                ..strand.scope(definition.jsonata, &context)
            };
            map::tolerance(&definition, &scope, &mut Notes::default())
        };
        let tolerance = match tolerance {
            Ok(tolerance) => tolerance,
            Err(failure) => return self.fail(strand, failure),
        };
        let at_once = match iterations.at_once {
            0 => count,
            most => most.min(count),
        };
        let around = Around {
            input,
            items: iterations.items,
            tolerance,
            is_distributed: is_distributed(definition.state),
        };
        if around.is_distributed {
            let label = definition.state["Label"].as_str();
            let label = label.map_or_else(crate::core::ids::uuid, str::to_owned);
            let (machine, run) = (&self.execution.machine_name, crate::core::ids::uuid());
            let arn = self
                .world
                .arn("states", format_args!("mapRun:{machine}/{label}:{run}"));
            self.follow(&mut strand, "MapRunStarted", history::map_run_started(&arn));
        }
        let mut fan_out = FanOut::of(count, Some(around));
        for _ in 0..at_once {
            if let Err(failure) = self.begin_iteration(&strand, &definition, &mut fan_out, strand.previous) {
                return self.fan_out_fails(strand, fan_out, failure);
            }
        }
        self.gather(strand, fan_out);
    }

    /// Begins the next iteration of a Map, after an event.
    fn begin_iteration(
        &mut self,
        strand: &Strand,
        definition: &Definition<'_>,
        fan_out: &mut FanOut,
        previous: u64,
    ) -> Result<(), Failure> {
        let Some(around) = &fan_out.map else { return Ok(()) };
        let index = fan_out.begun;
        let item = &around.items[index];
        let started = self.iteration("Started", strand, around.is_distributed, index, previous);
        let mut context = self.context(strand, definition.kind);
        context["Map"] = map::context(index, item);
        let scope = Scope {
            input: &around.input,
            ..strand.scope(definition.jsonata, &context)
        };
        let input = map::selected(definition, &scope, item)?;
        let field = if definition.state.get("ItemProcessor").is_some() {
            "ItemProcessor"
        } else {
            "Iterator"
        };
        let machine = format!("{}/{field}", Self::place(strand));
        let start = start_of(&definition.state[field]);
        let mut inner = strand.inner(index, machine, start, input, started);
        inner.item = Some(map::context(index, item));
        inner.is_apart |= around.is_distributed;
        self.runs(inner);
        fan_out.begun += 1;
        Ok(())
    }

    /// Tells of an iteration, after an event; gives the id. Those of a distributed Map are not told.
    fn iteration(
        &mut self,
        what: &str,
        outer: &Strand,
        is_distributed: bool,
        index: usize,
        previous: u64,
    ) -> u64 {
        if outer.is_apart || is_distributed {
            self.execution.untold += 1;
            return previous;
        }
        let details = history::iteration(what, &outer.state, index);
        self.event(previous, format!("MapIteration{what}"), details)
    }

    /// Takes the strand of a Parallel or Map state that an inner one belongs to.
    fn outer_of(&mut self, inner: &Strand) -> Option<(Strand, FanOut, usize)> {
        let (outer, index) = inner.up?;
        let mut outer = self.execution.strands.remove(&outer)?;
        outer.lag = outer.lag.max(inner.lag);
        match std::mem::replace(&mut outer.doing, Doing::Entering) {
            Doing::FannedOut(fan_out) => Some((outer, fan_out, index)),
            _ => None,
        }
    }

    /// Takes the output of a branch or an iteration that has ended.
    pub(super) fn inner_done(&mut self, inner: Strand, output: Value) {
        let Some((outer, mut fan_out, index)) = self.outer_of(&inner) else {
            return;
        };
        fan_out.results[index] = Some(output);
        self.comes_together("Succeeded", outer, fan_out, &inner, index);
    }

    /// Takes the error of a branch or an iteration.
    pub(super) fn inner_failed(&mut self, inner: Strand, failure: Failure) {
        let Some((mut outer, mut fan_out, index)) = self.outer_of(&inner) else {
            return;
        };
        fan_out.failed += 1;
        if fan_out.map.is_some() && !fan_out.has_failed() {
            return self.comes_together("Failed", outer, fan_out, &inner, index);
        }
        outer.previous = inner.previous;
        if let Some(around) = &fan_out.map {
            let (is_distributed, tolerance) = (around.is_distributed, around.tolerance);
            self.iteration("Failed", &outer, is_distributed, index, inner.previous);
            // A distributed Map fails by its threshold, which is 0 where it names none.
            let failure = if tolerance.is_given() || is_distributed {
                Tolerance::exceeded()
            } else {
                failure
            };
            if is_distributed {
                let details = history::map_run_failed(&failure);
                self.follow(&mut outer, "MapRunFailed", details);
            }
            return self.fan_out_fails(outer, fan_out, failure);
        }
        self.fan_out_fails(outer, fan_out, failure);
    }

    /// Counts a branch or an iteration that has ended, and begins the next one that waits for its turn.
    fn comes_together(
        &mut self,
        what: &str,
        mut outer: Strand,
        mut fan_out: FanOut,
        inner: &Strand,
        index: usize,
    ) {
        fan_out.ended += 1;
        outer.previous = inner.previous;
        if let Some(is_distributed) = fan_out.map.as_ref().map(|around| around.is_distributed) {
            let ended = self.iteration(what, &outer, is_distributed, index, inner.previous);
            if fan_out.begun < fan_out.results.len() {
                let machine = Arc::clone(&self.definition);
                let definition = Self::definition_in(&machine, &outer);
                let begun = self.begin_iteration(&outer, &definition, &mut fan_out, inner.previous);
                if let Err(failure) = begun {
                    return self.fan_out_fails(outer, fan_out, failure);
                }
            }
            outer.previous = ended;
        }
        self.gather(outer, fan_out);
    }

    /// Ends a Parallel or Map state of which everything has ended, or lets it wait for the rest.
    fn gather(&mut self, mut strand: Strand, fan_out: FanOut) {
        if !fan_out.is_done() {
            strand.doing = Doing::FannedOut(fan_out);
            return self.waits(strand, None);
        }
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        let kind = format!("{}StateSucceeded", definition.kind.word());
        if fan_out.map.is_some_and(|around| around.is_distributed) {
            // Recorded: what follows the state follows the beginning of the run.
            let begun = strand.previous;
            self.follow(&mut strand, "MapRunSucceeded", None);
            self.beside(&strand, kind, None);
            strand.previous = begun;
        } else {
            self.beside(&strand, kind, None);
        }
        let results = fan_out.results.into_iter().flatten().collect();
        self.done(strand, &definition, results, definition.next(), None);
    }

    /// Lets a Parallel or Map state fail: what of it still runs ends.
    fn fan_out_fails(&mut self, mut strand: Strand, fan_out: FanOut, failure: Failure) {
        self.end_inner(strand.id);
        strand.doing = Doing::FannedOut(fan_out);
        self.fail(strand, failure);
    }

    /// Ends the strands inside of one, from the inmost on.
    fn end_inner(&mut self, outer: u64) {
        let machine = Arc::clone(&self.definition);
        let strands = self.execution.strands.values();
        let inner = strands.filter(|strand| strand.up.is_some_and(|(up, _)| up == outer));
        let ids: Vec<u64> = inner.map(|strand| strand.id).collect();
        for id in ids {
            self.end_inner(id);
            let Some(strand) = self.execution.strands.remove(&id) else {
                continue;
            };
            let kind = Self::definition_in(&machine, &strand).kind;
            let lasts = kind.is_task() || matches!(kind, Kind::Wait | Kind::Map | Kind::Parallel);
            if lasts && strand.entered > 0 {
                self.beside(&strand, format!("{}StateAborted", kind.word()), None);
            }
        }
    }
}
