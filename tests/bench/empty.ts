// What starting the runtime alone costs.
