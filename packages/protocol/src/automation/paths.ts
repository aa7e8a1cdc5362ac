/** The paths of the Automation API. */

export const productAgentsPath = '/WebApp/API/AgentResource/ProductAgents';
export const productAgentsPathV2 = '/WebApp/API/v2/AgentResource/ProductAgents';
export const productServersPath = '/WebApp/API/ServerResource/ProductServers';
export const userDefinedObjectsPath = '/WebApp/api/SuspiciousObjects/UserDefinedSO/';
export const fileObjectPath = '/WebApp/API/SuspiciousObjectResource/FileUDSO';
