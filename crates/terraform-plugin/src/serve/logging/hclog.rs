//! The tracing layer that writes hclog lines.

use std::{error::Error, fmt, time::SystemTime};

use serde_json::{Map, Number, Value};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{levels::Levels, line::line};

/// Writes one line per event, with the event's fields and those of the spans around it.
pub(super) struct Hclog<W> {
    levels: Levels,
    write: W,
}

impl<W: Fn(&str)> Hclog<W> {
    pub(super) fn new(levels: Levels, write: W) -> Self {
        Self { levels, write }
    }
}

impl<S, W> Layer<S> for Hclog<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.levels.allow(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.levels.most())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            record.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(module) = self.levels.module(event.metadata().target()) else {
            return;
        };
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(Fields(of_span)) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.clone());
            }
        }
        event.record(&mut fields);
        let message = match fields.0.remove("message") {
            Some(Value::String(message)) => message,
            Some(other) => other.to_string(),
            None => String::new(),
        };
        (self.write)(&line(
            SystemTime::now(),
            *event.metadata().level(),
            module.name(),
            &message,
            fields.0,
        ));
    }
}

/// Fields as JSON. Numbers and booleans stay what they are; all else becomes text.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().into(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.insert(field, crate::serve::with_sources(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(
            field,
            Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::{layer::SubscriberExt, registry};

    use super::*;
    use crate::serve::tests::identity;

    /// What `code` logs with `TF_LOG` at `level`, as parsed lines.
    fn logged(level: &str, code: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let levels = Levels::read(&identity(), |name| (name == "TF_LOG").then(|| level.to_string()));
        let into = lines.clone();
        let layer = Hclog::new(levels, move |line: &str| {
            into.lock()
                .expect("no panic")
                .push(serde_json::from_str(line).expect("JSON"));
        });
        tracing::subscriber::with_default(registry().with(layer), code);
        let lines = lines.lock().expect("no panic");
        lines.clone()
    }

    #[test]
    fn an_event_has_its_fields_and_those_of_its_spans() {
        let lines = logged("TRACE", || {
            let outer = tracing::info_span!(target: "engine", "rpc", tf_rpc = "Read", tf_req_id = tracing::field::Empty);
            outer.record("tf_req_id", "1");
            let _outer = outer.enter();
            let error = std::io::Error::other("gone");
            tracing::warn!(target: "engine", attempt = 3_u64, ratio = f64::NAN, error = &error as &dyn Error, "no {}", "luck");
        });
        assert_eq!(lines.len(), 1);
        let expected = [
            ("@level", Value::from("warn")),
            ("@message", "no luck".into()),
            ("@module", "provider".into()),
            ("tf_rpc", "Read".into()),
            ("tf_req_id", "1".into()),
            ("attempt", 3.into()),
            ("ratio", "NaN".into()),
            ("error", "gone".into()),
        ];
        for (name, value) in expected {
            assert_eq!(lines[0][name], value, "{name}");
        }
    }

    #[test]
    fn only_own_events_at_the_level_are_written() {
        let lines = logged("INFO", || {
            tracing::info!(target: "hyper", "authorization: secret");
            tracing::debug!(target: "engine", "detail");
            tracing::info!(target: "engine", "kept");
        });
        assert_eq!(
            lines.iter().map(|line| &line["@message"]).collect::<Vec<_>>(),
            ["kept"]
        );
    }

    #[test]
    fn a_message_that_is_no_text_is_written_as_text() {
        let lines = logged("INFO", || tracing::info!(target: "engine", message = 5));
        assert_eq!(lines[0]["@message"], "5");
    }
}
