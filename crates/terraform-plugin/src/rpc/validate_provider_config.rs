//! ValidateProviderConfig.

use super::{Refused, Rpc, convert, validate_config::checked};
use crate::wire::tfplugin6::validate_provider_config::{Request, Response};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let provider = rpc.plugin.provider();
    let shape = provider.shape();
    let config = convert::value(request.config.as_ref(), &shape.ty, "provider configuration")
        .map_err(Refused::of(shape))?;
    Ok(checked(shape, &config, true, |cx| provider.validate(cx, &config)))
}
