import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.model.api.Include;
import ca.uhn.fhir.rest.annotation.*;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.param.*;
import ca.uhn.fhir.rest.server.*;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.interceptor.ResponseHighlighterInterceptor;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.*;
import org.eclipse.jetty.server.*;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.*;

/** An organisation on HAPI FHIR's own server: its router, paging, parsing, errors and CapabilityStatement.
 *  What it holds is kept in memory. Usage: Organisation PORT PAGE-SIZE; prints "ready PORT" when it answers. */
public class Organisation extends RestfulServer {
    static final Map<String, Map<String, Resource>> HELD = new ConcurrentHashMap<>();
    static final List<Class<? extends Resource>> TYPES = List.of(
        Patient.class, MedicationRequest.class, MedicationStatement.class, MedicationDispense.class, Medication.class,
        AllergyIntolerance.class, Condition.class, Encounter.class, ListResource.class, Observation.class);
    private final int pageSize;

    Organisation(int pageSize) { super(FhirContext.forR4()); this.pageSize = pageSize; }

    @Override protected void initialize() {
        List<Object> providers = new ArrayList<>();
        for (Class<? extends Resource> type : TYPES) providers.add(new Held<>(type));
        registerProviders(providers);
        registerProvider(new Transactions());
        FifoMemoryPagingProvider pages = new FifoMemoryPagingProvider(500);
        pages.setDefaultPageSize(pageSize);
        pages.setMaximumPageSize(Math.max(pageSize, 100));
        setPagingProvider(pages);
        registerInterceptor(new ResponseHighlighterInterceptor());
        setDefaultResponseEncoding(ca.uhn.fhir.rest.api.EncodingEnum.JSON);
    }

    static Map<String, Resource> of(String type) { return HELD.computeIfAbsent(type, t -> new java.util.concurrent.ConcurrentSkipListMap<>()); }
    

    static void put(Resource one) {
        String type = one.fhirType(), id = one.getIdElement().getIdPart();
        Resource old = of(type).get(id);
        int version = old == null ? 1 : Integer.parseInt(old.getMeta().getVersionId()) + 1;
        one.setId(new IdType(type, id, String.valueOf(version)));
        one.getMeta().setVersionId(String.valueOf(version)).setLastUpdated(new Date());
        of(type).put(id, one);
    }

    /** One resource type: read, update, and search by the parameters that the gateway uses. */
    public static class Held<T extends Resource> implements IResourceProvider {
        private final Class<T> type;
        Held(Class<T> type) { this.type = type; }
        @Override public Class<? extends IBaseResource> getResourceType() { return type; }
        private String name() { return type == ListResource.class ? "List" : type.getSimpleName(); }

        @Read public Resource read(@IdParam IdType id) {
            Resource found = of(name()).get(id.getIdPart());
            if (found == null) throw new ResourceNotFoundException(id);
            return found;
        }
        @Update public MethodOutcome update(@IdParam IdType id, @ResourceParam T one) {
            one.setId(id);
            put(one);
            return new MethodOutcome(one.getIdElement(), true);
        }
        @Search(allowUnknownParams = false) public IBundleProvider search(
                @OptionalParam(name = "patient") ReferenceParam patient, @OptionalParam(name = "identifier") TokenParam identifier,
                @OptionalParam(name = "status") TokenParam status, @OptionalParam(name = "code") TokenOrListParam code,
                @IncludeParam(allow = {"*", "MedicationRequest:medication", "MedicationStatement:medication", "MedicationDispense:medication"})
                Set<Include> includes) {
            List<IBaseResource> found = of(name()).values().stream()
                .filter(r -> patient == null || about(r).equals("Patient/" + patient.getIdPart()))
                .filter(r -> identifier == null || identified(r, identifier))
                .filter(r -> status == null || status.getValue().equals(value(r, "status")))
                .filter(r -> code == null || coded(r, code))
                .peek(r -> { if (includes != null && !includes.isEmpty()) attach(r); })
                .collect(Collectors.toList());
            return new SimpleBundleProvider(found);
        }
    }

    static String about(Resource one) {
        for (String name : List.of("subject", "patient")) {
            Property property = one.getNamedProperty(name);
            if (property != null && property.hasValues()) return ((Reference) property.getValues().get(0)).getReference();
        }
        return "";
    }
    static String value(Resource one, String name) {
        Property property = one.getNamedProperty(name);
        return property != null && property.hasValues() ? property.getValues().get(0).primitiveValue() : "";
    }
    static boolean identified(Resource one, TokenParam asked) {
        Property property = one.getNamedProperty("identifier");
        return property != null && property.getValues().stream().map(v -> (Identifier) v).anyMatch(i ->
            asked.getValue().equals(i.getValue()) && (asked.getSystem() == null || asked.getSystem().equals(i.getSystem())));
    }
    static boolean coded(Resource one, TokenOrListParam asked) {
        Property property = one.getNamedProperty("code");
        Set<String> codes = asked.getValuesAsQueryTokens().stream().map(TokenParam::getValue).collect(Collectors.toSet());
        return property != null && property.getValues().stream().map(v -> (CodeableConcept) v)
            .flatMap(c -> c.getCoding().stream()).anyMatch(c -> codes.contains(c.getCode()));
    }
    static void attach(Resource one) {
        Property property = one.getNamedProperty("medication[x]");
        if (property == null || !property.hasValues() || !(property.getValues().get(0) instanceof Reference reference)) return;
        reference.setResource(of("Medication").get(new IdType(reference.getReference()).getIdPart()));
    }

    /** Puts alone, all or nothing, as `gateway load-demo` sends them. */
    public static class Transactions {
        @Transaction public Bundle transaction(@TransactionParam Bundle sent) {
            Bundle answer = new Bundle();
            answer.setType(Bundle.BundleType.TRANSACTIONRESPONSE);
            for (Bundle.BundleEntryComponent entry : sent.getEntry()) {
                put(entry.getResource());
                answer.addEntry().getResponse().setStatus("201 Created");
            }
            return answer;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Server server = new Server();
        ServerConnector loopback = new ServerConnector(server);
        loopback.setHost("127.0.0.1");
        loopback.setPort(Integer.parseInt(arguments[0]));
        server.addConnector(loopback);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(new Organisation(Integer.parseInt(arguments[1]))), "/fhir/*");
        server.setHandler(context);
        server.start();
        System.out.println("ready " + loopback.getLocalPort());
        server.join();
    }
}
