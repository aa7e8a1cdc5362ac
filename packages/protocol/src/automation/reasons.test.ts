/** The reasons against the vendor's tables (contract 1.6, 2.1, 2.2), and the envelope of each path. */
import { describe, expect, it } from 'vitest';
import { envelopeOf, metaFailure, metaSuccess, resultFailure, resultSuccess } from './envelopes.ts';
import { reasons, reasonsWithErrorCode, reasonsWithResultCode } from './reasons.ts';
import type { Reason } from './reasons.ts';
import { actFromName, actNames, allCapabilities, isolationStatus } from './values.ts';

/** Copied by eye from contract 1.6 and 2.1: reason, result_code, its HTTP status, ErrorCode, its HTTP status. */
const documented: [Reason, number, number, number, number][] = [
  ['token-missing', -2, 401, 14, 401],
  ['token-malformed', -3, 401, 15, 401],
  ['version-unsupported', -4, 401, 16, 401],
  ['application-unknown', -5, 401, 17, 401],
  ['application-disabled', -5, 401, 17, 401],
  ['token-expired', -6, 401, 18, 401],
  ['signature-invalid', -7, 401, 19, 401],
  ['checksum-invalid', -8, 401, 20, 401],
  ['algorithm-unsupported', -9, 401, 21, 401],
  ['parameter-invalid', -21, 400, 7, 400],
  ['action-invalid', -22, 400, 22, 405],
  ['method-unsupported', -50, 405, 23, 405],
  ['internal', -99, 500, 99, 500],
];

describe('a reason', () => {
  it.each(documented)('%s is %d with HTTP %d, and %d with HTTP %d', (reason, ...numbers) => {
    const { resultCode, resultStatus, errorCode, metaStatus } = reasons[reason];
    expect([resultCode, resultStatus, errorCode, metaStatus]).toEqual(numbers);
  });

  it.each([
    ['several-match', -102],
    ['server-unknown', -105],
    ['objects-full', -1101],
    ['file-unusable', -1102],
  ] as const)('%s is result_code %d with HTTP 400', (reason, code) => {
    expect(reasons[reason]).toMatchObject({ resultCode: code, resultStatus: 400 });
  });

  it('never looks like success in either envelope', () => {
    for (const row of Object.values(reasons)) {
      expect(row.resultCode).toBeLessThan(0);
      expect(row.errorCode).toBeGreaterThan(0);
      expect(Math.min(row.resultStatus, row.metaStatus)).toBeGreaterThanOrEqual(400);
    }
  });

  it('is found again by its numbers, with all that share them', () => {
    expect(reasonsWithResultCode(-6)).toEqual(['token-expired']);
    expect(reasonsWithResultCode(-5)).toEqual(['application-unknown', 'application-disabled']);
    expect(reasonsWithErrorCode(12)).toEqual(['body-too-large', 'objects-full']);
    expect(reasonsWithResultCode(1)).toEqual([]);
  });
});

describe('an envelope', () => {
  it('of success and failure has the fields of the guides, in their order', () => {
    expect(JSON.stringify(resultSuccess(null))).toBe(
      '{"result_code":1,"result_description":"Operation successful","result_content":null}',
    );
    expect(JSON.stringify(resultFailure('several-match', 'Two match.'))).toBe(
      '{"result_code":-102,"result_description":"Two match.","result_content":""}',
    );
    expect(JSON.stringify(metaSuccess([]))).toBe(
      '{"Data":[],"Meta":{"Result":1,"ErrorCode":0,"ErrorMsg":""},"PermissionCtrl":{"permission":"255",' +
        '"elements":null},"FeatureCtrl":{"mode":"0"},"SystemCtrl":{"TmcmSoDist_Role":"none"}}',
    );
    expect(metaFailure('token-missing', 'No token.').Meta).toEqual({ Result: 0, ErrorCode: 14, ErrorMsg: 'No token.' });
  });

  it.each([
    '/WebApp/api/SuspiciousObjects/UserDefinedSO/',
    '/WEBAPP/API/v1/suspiciousobjects/UserDefinedSO?type=file',
    '//WebApp/api/SuspiciousObjects/UserDefinedSO',
    '/WebApp/api/v1/Logs/officescan_virus?page_token=0',
    '/WebApp/IOCBackend/YARAResource/File',
    '/WebApp/SuspiciousObjectsBackend/UserDefinedSOResource/STIXExtraction',
  ])('of %s is Data/Meta', (path) => {
    expect(envelopeOf(path)).toBe('meta');
  });

  it.each([
    '/WebApp/API/AgentResource/ProductAgents',
    '/WebApp/API/v2/AgentResource/ProductAgents',
    '/WebApp/API/SuspiciousObjectResource/FileUDSO',
    '/WebApp/API/ServerResource/ProductServers',
    '/WebApp/api/SuspiciousObjectsX',
    '/x/WebApp/api/SuspiciousObjects',
    '/',
    '',
  ])('of %s is "result"', (path) => {
    expect(envelopeOf(path)).toBe('result');
  });
});

describe('the words of the wire', () => {
  it('for acts are read back, letter case counting', () => {
    expect(allCapabilities.map(actFromName)).toEqual(['release', 'isolate', 'relocate', 'uninstall']);
    expect(actFromName(actNames.isolate.toUpperCase())).toBeUndefined();
    expect(actFromName('constructor')).toBeUndefined();
  });

  it('for isolation are the five that clients know', () => {
    expect((['normal', 'isolating', 'isolated', 'releasing', 'unsupported'] as const).map(isolationStatus)).toEqual([
      'normal',
      'endpoint_isolation_pending',
      'isolated',
      'connection_restoration_pending',
      'not_supported',
    ]);
  });
});
