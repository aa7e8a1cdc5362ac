/** UserDefinedSO and FileUDSO of the Automation API. */
import type { FastifyRequest } from 'fastify';
import {
  AddFile,
  AddObject,
  FileAddedAnswer,
  ObjectChangedAnswer,
  ObjectQuery,
  ObjectsAnswer,
  Refusal,
  RemoveObjectQuery,
  fileObjectPath,
  metaSuccess,
  resultSuccess,
  userDefinedObjectsPath,
} from '@cordon/protocol/automation';
import { applicationActor } from '../audit/actors.ts';
import { callerOf, readSigned, refuseOtherMethods } from '../http/automation.ts';
import type { Authority } from '../http/authentication.ts';
import type { Http } from '../http/server.ts';
import { sourceOf } from '../http/source.ts';
import { frameAround, sendList } from '../http/bodies/streamed-list.ts';
import type { SuspiciousObjects } from './objects.ts';
import type { Upload } from '../http/bodies/upload-body.ts';
import { UploadReader, largestBody, tooLarge } from '../http/bodies/upload-body.ts';

export interface ObjectRoutesDeps {
  readonly objects: SuspiciousObjects;
  readonly authority: Authority;
  /** The largest file that FileUDSO takes, bytes. */
  readonly uploadLimit: number;
}

const emptyList = frameAround(metaSuccess([]));

export function objectRoutes(scope: Http, deps: ObjectRoutesDeps): void {
  const { objects } = deps;
  for (const path of [userDefinedObjectsPath, '/WebApp/api/v1/SuspiciousObjects/UserDefinedSO/']) {
    const hide = path !== userDefinedObjectsPath;
    const tags = ['suspicious objects'];
    scope.get(
      path,
      {
        schema: {
          hide,
          summary: 'List UDSO entries',
          tags,
          querystring: ObjectQuery,
          response: { 200: ObjectsAnswer },
        },
        serializerCompiler: () => String,
      },
      (request, reply) => sendList(reply, emptyList, (each) => objects.pages(request.query, each)),
    );
    scope.put(
      path,
      {
        schema: {
          hide,
          summary: 'Add or update a UDSO entry',
          tags,
          body: AddObject,
          response: { 200: ObjectChangedAnswer },
        },
      },
      async (request) => {
        await objects.add(applicationActor(request), request.body);
        return metaSuccess(null);
      },
    );
    scope.delete(
      path,
      {
        schema: {
          hide,
          summary: 'Delete a UDSO entry',
          tags,
          querystring: RemoveObjectQuery,
          response: { 200: ObjectChangedAnswer },
        },
      },
      async (request) => {
        const removed = await objects.remove(applicationActor(request), request.query);
        return metaSuccess(null, removed ? '' : 'No entry matched, so nothing was removed.');
      },
    );
    refuseOtherMethods(scope, path, ['GET', 'PUT', 'DELETE']);
  }
  fileRoute(scope, deps);
}

function fileRoute(scope: Http, deps: ObjectRoutesDeps): void {
  scope.put(
    fileObjectPath,
    {
      config: { streamsBody: true },
      schema: {
        summary: 'Add a file to the UDSO list',
        tags: ['suspicious objects'],
        body: AddFile,
        response: { 200: FileAddedAnswer },
      },
      // The body is checked as it streams in; its schema is only for the documentation.
      validatorCompiler: () => () => true,
    },
    async (request) => {
      const upload = await receive(request, deps.uploadLimit);
      deps.authority.used(callerOf(request).id, sourceOf(request));
      const fields = fileFields(upload);
      await deps.objects.addFile(applicationActor(request), {
        ...fields,
        size: upload.size,
        sha1: upload.sha1,
        sha256: upload.sha256,
      });
      return resultSuccess(null);
    },
  );
  refuseOtherMethods(scope, fileObjectPath, ['PUT']);
}

/** The checksum is checked first: errors inside a body that was altered on the way are not the client's. */
async function receive(request: FastifyRequest, limit: number): Promise<Upload> {
  if (Number(request.headers['content-length'] ?? 0) > largestBody(limit)) throw tooLarge(limit);
  const reader = new UploadReader(limit);
  let refused: unknown;
  await readSigned(request, (chunk) => {
    if (refused !== undefined) return;
    try {
      reader.feed(chunk);
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'body-too-large') throw error;
      refused = error;
    }
  });
  if (refused !== undefined) throw refused;
  return reader.finish();
}

function fileFields(upload: Upload): { name: string; action: string; note: string | null | undefined } {
  const { file_name: name, file_scan_action: action, note } = upload.fields;
  if (typeof name !== 'string' || name === '') throw missing('file_name');
  if (typeof action !== 'string') throw missing('file_scan_action');
  if (note !== undefined && note !== null && typeof note !== 'string') throw missing('note');
  return { name, action, note };
}

function missing(field: string): Refusal {
  const all = Object.keys(AddFile.properties).join(', ');
  return new Refusal('parameter-invalid', `"${field}" must be a string. The body is an object of ${all}.`);
}
