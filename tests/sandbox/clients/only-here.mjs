// Loaded before anything else (`node --import`): this process connects to this machine, and to nothing beyond it.
import net from "node:net";

const HERE = new Set(["127.0.0.1", "::1", "localhost"]);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const [to, name] = Array.isArray(given[0]) ? given[0] : given; // net.connect hands its arguments on as one list
  const host = typeof to === "object" ? to.host : name; // without one, it is this machine, or a pipe
  if (typeof host === "string" && !HERE.has(host)) {
    throw new Error(`a test may reach this machine alone, and not ${host}`);
  }
  return connect.apply(this, given);
};
