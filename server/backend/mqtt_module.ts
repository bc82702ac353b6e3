/**
 * The door to MQTT.js, which costs 40 ms to load: only ever opened with `import()`.
 *
 * @module
 */

// @ts-types="./mqtt_client.d.ts"
export { connect } from "mqtt";
