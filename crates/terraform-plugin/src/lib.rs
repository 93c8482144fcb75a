mod serve;
mod wire;
