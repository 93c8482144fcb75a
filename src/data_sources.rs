//! Data sources about what is not ours. Those about an invocation and a path stand beside their resources.

mod endpoint;
#[cfg(test)]
mod tests;

pub use endpoint::EndpointLookup;
