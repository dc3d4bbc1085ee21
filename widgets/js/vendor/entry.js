// What the bundle holds: cytoscape.js with the fcose layout registered.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";

cytoscape.use(fcose);
export { cytoscape };
